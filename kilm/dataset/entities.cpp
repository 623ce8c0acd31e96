#include "kilm/dataset/entities.h"

#include "tensor/base/format.h"
#include "tensor/base/json.h"

namespace kilm::dataset {

using base::append_json_string;
using base::format;

namespace {

const char* name(DescriptionSource source) {
  return source == DescriptionSource::short_description ? "short_description" : "first_sentence";
}

}  // namespace

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

static std::vector<std::string_view> read_redirects(FieldReader& fields) {
  std::vector<std::string_view> titles(fields.count(sizeof(uint32_t)));
  for (std::string_view& title : titles) title = fields.text();
  fields.end();
  return titles;
}

std::vector<std::string_view> EntityFile::redirects(int64_t i) const {
  FieldReader reader = fields(i);
  read_view(reader);
  return read_redirects(reader);
}

EntityRecord parse_entity(std::string_view record, const std::string& place) {
  FieldReader fields(record, place);
  const EntityFile::View view = read_view(fields);
  const std::vector<std::string_view> redirects = read_redirects(fields);
  return {std::string(view.title), std::string(view.description), view.source, {redirects.begin(), redirects.end()}};
}

}  // namespace kilm::dataset
