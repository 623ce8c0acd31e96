// A folder made by `kilm prepare`: shard-NNNNN.kds, entities.kdt and manifest.json, mapped for reading.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kilm/dataset/entities.h"
#include "kilm/dataset/shard.h"
#include "kilm/dataset/split.h"
#include "kilm/dataset/window.h"
#include "kilm/tokenizer/tokenizer.h"
#include "tensor/base/json.h"

namespace kilm::dataset {

inline constexpr int64_t kPreparedSchema = 1;

// Returns the fingerprint of the tokenizer that data are cut with. It has the five KILM tokens, added where they are
// missing as `kilm init` does.
std::string fingerprint_with_kilm_tokens(tokenizer::Tokenizer tokenizer);

class PreparedData {
 public:
  // Verifies the manifest with every digest. Throws DamagedInput naming the file.
  explicit PreparedData(const std::string& folder);

  WindowSet windows(Split split) const;               // valid as long as this object
  int64_t max_length() const { return max_length_; }  // tokens that the windows were cut for
  // Throws UsageError unless this is the fingerprint, with the KILM tokens, of the tokenizer that cut the data.
  void check_tokenizer(const std::string& fingerprint) const;

  // Calls `f` with the paragraphs of a split in the order of the dump.
  void for_paragraphs(Split split, const std::function<void(const StoredParagraph&)>& f) const;
  const EntityFile& entities() const { return *entities_; }
  const base::Json& manifest() const { return manifest_; }
  // Returns the digest of the manifest, and so of every file; the same wherever the folder lies.
  const std::string& digest() const { return manifest_.at("self").as_string(); }

 private:
  void read_manifest();
  void open_shards();
  Window window(const Shard& shard, int64_t i) const;

  std::string folder_;
  base::Json manifest_;
  std::string fingerprint_;
  int64_t max_length_ = 0;
  std::unique_ptr<EntityFile> entities_;
  std::vector<std::unique_ptr<Shard>> shards_[std::size(kSplits)];
};

}  // namespace kilm::dataset
