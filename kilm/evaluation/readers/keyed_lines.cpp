#include "kilm/evaluation/readers/keyed_lines.h"

#include <algorithm>
#include <functional>

#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

uint64_t hash_of(std::string_view key) { return std::hash<std::string_view>()(key); }

}  // namespace

KeyedLines::KeyedLines(const std::string& path, Keys keys) : file_(path), keys_(keys) {
  const std::string_view text = file_.text();
  base::check<base::DamagedInput>(!text.empty(), "{}: is empty", path);
  int64_t number = 1;
  for (size_t begin = 0; begin < text.size(); ++number) {
    const std::string place = base::format("{}: line {}", path, number);
    const base::Json line = line_at(begin, place);
    for (const std::string& key : base::read_at(place, [&] { return keys_(line); }))
      entries_.push_back({hash_of(key), begin});
    begin = std::min(text.find('\n', begin), text.size()) + 1;
  }
  std::sort(entries_.begin(), entries_.end());
}

std::optional<base::Json> KeyedLines::find(std::string_view key) const {
  const uint64_t hash = hash_of(key);
  std::optional<base::Json> found;
  for (auto entry = std::ranges::lower_bound(entries_, hash, {}, &Entry::hash);
       entry != entries_.end() && entry->hash == hash; ++entry) {
    base::Json line = line_at(entry->begin, file_.path());
    const std::vector<std::string> keys = keys_(line);
    if (keys[0] == key) return line;
    if (!found && std::ranges::find(keys, key) != keys.end()) found = std::move(line);
  }
  return found;
}

base::Json KeyedLines::line_at(size_t begin, const std::string& place) const {
  const std::string_view text = file_.text();
  return base::parse_json(text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin), place);
}

}  // namespace kilm::evaluation
