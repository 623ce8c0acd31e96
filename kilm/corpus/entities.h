// Which page a title leads to, and which pages are entities: articles with a description worth learning. EntityTable
// grows while a dump is read; EntityFile is entities.kdt of prepared data, a record file of what came out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kilm/corpus/shard.h"

namespace kilm {

enum class DescriptionSource : uint8_t { short_description, first_sentence };

struct EntityRecord {
  std::string title, description;
  DescriptionSource source = DescriptionSource::short_description;
  std::vector<std::string> redirects;  // titles that lead to it, in the order of the dump
};

// The entity as interface.md shows it, in one line.
std::string to_json_line(const EntityRecord& entity, std::optional<bool> held_out = {});

// Titles are normalised (title.h).
class EntityTable {
 public:
  // Both return false, and change nothing, if there is a page of this title already.
  bool add_article(const std::string& title);
  bool add_redirect(const std::string& title, std::string target);

  // Lets an article be an entity: with its short description or, where that is empty, its first sentence.
  void describe(std::string title, std::string short_description, std::string first_sentence);

  // After the last page: follows redirects of redirects, chooses descriptions (spec A3) and numbers the entities in
  // the order of the dump.
  void finish();

  struct Resolved {
    std::string_view title;  // of the page at the end of all redirects, in the dump or not
    uint32_t entity;         // or kNoEntity
  };
  Resolved resolve(const std::string& title) const;  // the views live as long as the table and `title`
  const std::vector<EntityRecord>& entities() const { return entities_; }

 private:
  struct PageEntry {
    std::string target;  // of a redirect; after finish(), of the last one
    uint32_t entity = kNoEntity;
  };
  const std::string& follow(const std::string& title) const;

  std::unordered_map<std::string, PageEntry> pages_;
  std::vector<std::string> redirects_;  // in the order of the dump
  std::vector<EntityRecord> entities_;  // until finish() with raw descriptions
};

std::string to_record(const EntityRecord& entity, bool held_out);

class EntityFile {
 public:
  explicit EntityFile(const std::string& path) : file_(path, RecordKind::entities) {}

  struct View {
    std::string_view title, description;
    DescriptionSource source;
    bool held_out;
  };
  int64_t size() const { return file_.records(); }
  // Both throw DamagedInput if the record is broken.
  View entity(int64_t i) const;
  std::vector<std::string_view> redirects(int64_t i) const;
  void verify() const { file_.verify(); }

 private:
  FieldReader fields(int64_t i) const;

  RecordFile file_;
};

}  // namespace kilm
