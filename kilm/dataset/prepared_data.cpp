#include "kilm/dataset/prepared_data.h"

#include <algorithm>

#include "kilm/job/manifest.h"
#include "tensor/base/format.h"

namespace kilm::dataset {

using base::check;
using base::DamagedInput;
using base::format;

std::string fingerprint_with_kilm_tokens(tokenizer::Tokenizer tokenizer) {
  tokenizer.add_kilm_tokens();
  return tokenizer.fingerprint();
}

PreparedData::PreparedData(const std::string& folder) : folder_(folder), manifest_(job::verify_manifest(folder)) {
  try {
    read_manifest();
  } catch (const DamagedInput&) {
    throw;
  } catch (const base::Error& error) {
    throw DamagedInput(format("{}/manifest.json: {}", folder, error.what()));
  }
  open_shards();
}

void PreparedData::read_manifest() {
  const int64_t schema = manifest_.at("schema").as_int();
  check(schema == kPreparedSchema, "schema {} should be {}", schema, kPreparedSchema);
  fingerprint_ = manifest_.at("tokenizer").as_string();
  max_length_ = manifest_.at("max_length").as_int();
}

void PreparedData::open_shards() {
  entities_ = std::make_unique<EntityFile>(folder_ + "/entities.kdt");
  for (const auto& [file, entry] : manifest_.at("files").members()) {
    if (!file.starts_with("shard-") || !file.ends_with(".kds")) continue;
    auto shard = std::make_unique<Shard>(folder_ + "/" + file);
    shards_[size_t(shard->split())].push_back(std::move(shard));
  }
}

WindowSet PreparedData::windows(Split split) const {
  const auto& shards = shards_[size_t(split)];
  std::vector<int64_t> ends;  // of each shard's windows in the split
  ends.reserve(shards.size());
  int64_t count = 0;
  for (const auto& shard : shards) ends.push_back(count += shard->windows());
  return {count, [this, &shards, ends, count](int64_t i) {
            check(i >= 0 && i < count, "window {} is not one of {}", i, count);
            const size_t s = size_t(std::upper_bound(ends.begin(), ends.end(), i) - ends.begin());
            return window(*shards[s], i - (s > 0 ? ends[s - 1] : 0));
          }};
}

Window PreparedData::window(const Shard& shard, int64_t i) const {
  const StoredWindow stored = shard.window(i);
  const StoredParagraph paragraph = shard.paragraph(stored.paragraph);
  const auto [begin, end] = stored.range;
  check<DamagedInput>(end <= paragraph.text.size(), "{}: window {} ends at {}, behind its text of {} bytes",
                      shard.path(), i, end, paragraph.text.size());
  Window window{paragraph.text.substr(begin, end - begin), {}};
  for (const StoredLink& link : paragraph.links) {
    if (link.begin < begin || link.end > end) continue;
    check<DamagedInput>(link.entity < entities_->size(), "{}: window {}: entity {} is not one of {}", shard.path(), i,
                        link.entity, entities_->size());
    const EntityFile::View entity = entities_->entity(link.entity);
    window.mentions.push_back({link.begin - begin, link.end - begin, entity.title, entity.description});
  }
  return window;
}

void PreparedData::check_tokenizer(const std::string& fingerprint) const {
  check<base::UsageError>(fingerprint == fingerprint_,
                          "{}: was prepared with the tokenizer {:.12}, not with {:.12}; prepare the dump again with "
                          "the model's tokenizer",
                          folder_, fingerprint_, fingerprint);
}

void PreparedData::for_paragraphs(Split split, const std::function<void(const StoredParagraph&)>& f) const {
  for (const auto& shard : shards_[size_t(split)])
    for (int64_t i = 0; i < shard->paragraphs(); ++i) f(shard->paragraph(i));
}

}  // namespace kilm::dataset
