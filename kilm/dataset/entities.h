// Entities: articles with a description worth learning. EntityFile is entities.kdt of prepared data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/dataset/shard.h"

namespace kilm::dataset {

enum class DescriptionSource : uint8_t { short_description, first_sentence };

struct EntityRecord {
  std::string title, description;
  DescriptionSource source = DescriptionSource::short_description;
  std::vector<std::string> redirects;  // titles that lead to it, in the order of the dump
};

// Returns the entity as docs/formats.md shows it, in one line.
std::string to_json_line(const EntityRecord& entity, std::optional<bool> held_out = {});

std::string to_record(const EntityRecord& entity, bool held_out);
EntityRecord parse_entity(std::string_view record, const std::string& place);  // DamagedInput if it is broken

class EntityFile {
 public:
  explicit EntityFile(const std::string& path) : file_(path, RecordKind::entities) {}

  struct View {
    std::string_view title, description;
    DescriptionSource source;
    bool held_out;
  };
  int64_t size() const { return file_.records(); }
  // Reads one entity; as redirects() does, throws DamagedInput if the record is broken.
  View entity(int64_t i) const;
  std::vector<std::string_view> redirects(int64_t i) const;
  void verify() const { file_.verify(); }

 private:
  FieldReader fields(int64_t i) const;

  RecordFile file_;
};

}  // namespace kilm::dataset
