#include "kilm/dataset/shard.h"

#include <cstring>

#include "tensor/base/format.h"
#include "tensor/base/json.h"

namespace kilm::dataset {

using base::append_json_string;
using base::check;
using base::DamagedInput;
using base::format;

namespace {

constexpr size_t kLinkBytes = 5 * sizeof(uint32_t);  // of a link without its texts
constexpr size_t kWindowBytes = 3 * sizeof(uint32_t);

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += format("\"{}\": ", key);
  append_json_string(out, value);
}

}  // namespace

std::string to_record(const StoredParagraph& paragraph) {
  FieldWriter fields;
  fields.u64(paragraph.page);
  fields.u32(paragraph.number);
  fields.text(paragraph.article);
  fields.text(paragraph.section);
  fields.text(paragraph.text);
  fields.u32(paragraph.links.size());
  for (const StoredLink& link : paragraph.links) {
    fields.u32(link.begin);
    fields.u32(link.end);
    fields.u32(link.entity);
    fields.text(link.title);
    fields.text(link.redirect);
  }
  return fields.bytes();
}

StoredParagraph parse_paragraph(std::string_view record, const std::string& place) {
  FieldReader fields(record, place);
  StoredParagraph paragraph;
  paragraph.page = fields.u64();
  paragraph.number = fields.u32();
  paragraph.article = fields.text();
  paragraph.section = fields.text();
  paragraph.text = fields.text();
  paragraph.links.resize(fields.count(kLinkBytes));
  for (StoredLink& link : paragraph.links) {
    link.begin = fields.u32();
    link.end = fields.u32();
    link.entity = fields.u32();
    link.title = fields.text();
    link.redirect = fields.text();
    if (link.begin > link.end || link.end > paragraph.text.size())
      fields.damaged(
          format("a link at [{}, {}) is outside of a text of {} bytes", link.begin, link.end, paragraph.text.size()));
  }
  fields.end();
  return paragraph;
}

std::string to_json_line(const StoredParagraph& paragraph, std::optional<Split> split) {
  std::string out = format("{{\"id\": {}, ", paragraph.page);
  append_member(out, "title", paragraph.article);
  append_member(out += ", ", "section", paragraph.section);
  out += format(", \"paragraph\": {}, ", paragraph.number);
  append_member(out, "text", paragraph.text);
  out += ", \"links\": [";
  for (const StoredLink& link : paragraph.links) {
    if (&link != paragraph.links.data()) out += ", ";
    out += format("{{\"start\": {}, \"end\": {}, ", link.begin, link.end);
    append_member(out, "title", link.title);
    if (!link.redirect.empty()) append_member(out += ", ", "redirect", link.redirect);
    out += '}';
  }
  out += ']';
  if (split) append_member(out += ", ", "split", name(*split));
  return out + "}\n";
}

void ShardWriter::add(std::string_view record, std::span<const TextRange> windows) {
  for (const TextRange& window : windows)
    windows_.insert(windows_.end(), {uint32_t(file_.records()), window.begin, window.end});
  file_.add(record);
}

base::Digests ShardWriter::commit() {
  std::string extra(sizeof(uint32_t) + windows_.size() * sizeof(uint32_t), '\0');
  const uint32_t split = uint32_t(split_);
  std::memcpy(extra.data(), &split, sizeof(split));
  if (!windows_.empty()) std::memcpy(extra.data() + sizeof(split), windows_.data(), extra.size() - sizeof(split));
  return file_.commit(extra);
}

Shard::Shard(const std::string& path) : file_(path, RecordKind::paragraphs) {
  const std::string_view extra = file_.extra();
  check<DamagedInput>(extra.size() % kWindowBytes == sizeof(uint32_t), "{}: {} bytes are no split and windows", path,
                      extra.size());
  uint32_t split;
  std::memcpy(&split, extra.data(), sizeof(split));
  check<DamagedInput>(split < std::size(kSplits), "{}: {} is no split", path, split);
  split_ = Split(split);
  windows_ = int64_t(extra.size() / kWindowBytes);
}

StoredParagraph Shard::paragraph(int64_t i) const {
  return parse_paragraph(file_.record(i), format("{}: paragraph {}", path(), i));
}

StoredWindow Shard::window(int64_t i) const {
  check(i >= 0 && i < windows_, "{}: window {} is not one of {}", path(), i, windows_);
  uint32_t fields[3];
  std::memcpy(fields, file_.extra().data() + sizeof(uint32_t) + size_t(i) * kWindowBytes, sizeof(fields));
  check<DamagedInput>(fields[0] < paragraphs() && fields[1] <= fields[2],
                      "{}: window {}: bytes [{}, {}) of paragraph {} do not exist", path(), i, fields[1], fields[2],
                      fields[0]);
  return {fields[0], {fields[1], fields[2]}};
}

}  // namespace kilm::dataset
