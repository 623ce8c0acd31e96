#include "kilm/corpus/entities.h"

#include "kilm/corpus/description.h"
#include "tensor/format.h"
#include "tensor/io/json.h"

namespace kilm {

using tensor::append_json_string;
using tensor::format;

namespace {

constexpr int kMaxRedirects = 8;  // of a chain; longer ones are mistakes or circles

const char* name(DescriptionSource source) {
  return source == DescriptionSource::short_description ? "short_description" : "first_sentence";
}

}  // namespace

bool EntityTable::add_article(const std::string& title) { return pages_.try_emplace(title).second; }

bool EntityTable::add_redirect(const std::string& title, std::string target) {
  const auto [place, added] = pages_.try_emplace(title);
  if (!added) return false;
  place->second.target = std::move(target);
  redirects_.push_back(title);
  return true;
}

void EntityTable::describe(std::string title, std::string short_description, std::string first_sentence) {
  const bool has_short = !short_description.empty();
  entities_.push_back({std::move(title),
                       has_short ? std::move(short_description) : std::move(first_sentence),
                       has_short ? DescriptionSource::short_description : DescriptionSource::first_sentence,
                       {}});
}

// The last title that redirects lead to from `title`; `title` itself if they lead in a circle.
const std::string& EntityTable::follow(const std::string& title) const {
  const std::string* at = &title;
  for (int i = 0; i < kMaxRedirects; ++i) {
    const auto page = pages_.find(*at);
    if (page == pages_.end() || page->second.target.empty()) return *at;
    at = &page->second.target;
  }
  return title;
}

void EntityTable::finish() {
  DescriptionFilter filter;
  for (const EntityRecord& entity : entities_) filter.count(entity.description);
  size_t kept = 0;
  for (EntityRecord& entity : entities_) {
    std::optional<std::string> description = filter.choose(entity.title, entity.description);
    if (!description) continue;
    entity.description = std::move(*description);
    pages_.at(entity.title).entity = uint32_t(kept);
    if (&entities_[kept] != &entity) entities_[kept] = std::move(entity);
    ++kept;
  }
  entities_.resize(kept);
  std::vector<std::string> targets;
  for (const std::string& title : redirects_) targets.push_back(follow(title));
  for (size_t i = 0; i < redirects_.size(); ++i) {
    pages_.at(redirects_[i]).target = std::move(targets[i]);
    const uint32_t entity = resolve(redirects_[i]).entity;
    if (entity != kNoEntity) entities_[entity].redirects.push_back(redirects_[i]);
  }
}

EntityTable::Resolved EntityTable::resolve(const std::string& title) const {
  auto page = pages_.find(title);
  if (page == pages_.end() || page->second.target.empty())
    return {title, page == pages_.end() ? kNoEntity : page->second.entity};
  const std::string& target = page->second.target;
  page = pages_.find(target);
  return {target, page == pages_.end() ? kNoEntity : page->second.entity};
}

std::string to_json_line(const EntityRecord& entity, std::optional<bool> held_out) {
  std::string out = "{\"title\": ";
  append_json_string(out, entity.title);
  append_json_string(out += ", \"description\": ", entity.description);
  out += format(", \"source\": \"{}\", \"redirects\": [", name(entity.source));
  for (const std::string& redirect : entity.redirects) {
    if (&redirect != entity.redirects.data()) out += ", ";
    append_json_string(out, redirect);
  }
  out += ']';
  if (held_out) out += format(", \"held_out\": {}", *held_out);
  return out + "}\n";
}

std::string to_record(const EntityRecord& entity, bool held_out) {
  FieldWriter fields;
  fields.u32(uint32_t(entity.source));
  fields.u32(held_out);
  fields.text(entity.title);
  fields.text(entity.description);
  fields.u32(entity.redirects.size());
  for (const std::string& redirect : entity.redirects) fields.text(redirect);
  return fields.bytes();
}

FieldReader EntityFile::fields(int64_t i) const {
  return FieldReader(file_.record(i), format("{}: entity {}", file_.path(), i));
}

static EntityFile::View read_view(FieldReader& fields) {
  const uint32_t source = fields.u32(), held_out = fields.u32();
  if (source > 1 || held_out > 1)
    fields.damaged(format("source {} and held_out {} should be 0 or 1", source, held_out));
  EntityFile::View view{.source = DescriptionSource(source), .held_out = held_out == 1};
  view.title = fields.text();
  view.description = fields.text();
  return view;
}

EntityFile::View EntityFile::entity(int64_t i) const {
  FieldReader reader = fields(i);
  return read_view(reader);
}

std::vector<std::string_view> EntityFile::redirects(int64_t i) const {
  FieldReader reader = fields(i);
  read_view(reader);
  std::vector<std::string_view> titles(reader.count(sizeof(uint32_t)));
  for (std::string_view& title : titles) title = reader.text();
  reader.end();
  return titles;
}

}  // namespace kilm
