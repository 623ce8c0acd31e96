#include "kilm/prepare/scratch_tables.h"

#include "kilm/dataset/record_file.h"

namespace kilm::prepare {

namespace {

constexpr char kArticle = 'a', kRedirect = 'r';
constexpr uint32_t kDisambiguation = 1, kMayBeEntity = 2, kFirstSentence = 4;
constexpr size_t kNumber = 8;
constexpr size_t kLinkMemory = 2 * SortedRuns::kMemory;

base::Json part(const base::Json& state, const char* key) { return state.is_null() ? base::Json() : state.at(key); }

}  // namespace

std::string to_record(const CollectedPage& page) {
  std::string record = number_key(page.number);
  record += page.target ? kRedirect : kArticle;
  return record += page.target.value_or("");
}

CollectedPage parse_page(std::string_view record) {
  CollectedPage page{.number = key_number(record)};
  if (record[kNumber] == kRedirect) page.target = record.substr(kNumber + 1);
  return page;
}

std::string to_record(const CollectedArticle& article) {
  dataset::FieldWriter fields;
  fields.u64(article.page);
  fields.u32(article.disambiguation * kDisambiguation + article.may_be_entity * kMayBeEntity +
             (article.source == dataset::DescriptionSource::first_sentence) * kFirstSentence);
  for (const int64_t n : {article.paragraphs, article.dropped, article.links}) fields.u64(uint64_t(n));
  for (const int64_t n : article.omissions.count) fields.u64(uint64_t(n));
  fields.u32(article.omissions.templates.size());
  for (const auto& [name, n] : article.omissions.templates) {
    fields.text(name);
    fields.u64(uint64_t(n));
  }
  fields.text(article.title);
  fields.text(article.description);
  return fields.bytes();
}

CollectedArticle parse_article(std::string_view record) {
  dataset::FieldReader fields(record, "temporary file");
  CollectedArticle article{.page = fields.u64()};
  const uint32_t flags = fields.u32();
  article.disambiguation = flags & kDisambiguation;
  article.may_be_entity = flags & kMayBeEntity;
  if (flags & kFirstSentence) article.source = dataset::DescriptionSource::first_sentence;
  for (int64_t* n : {&article.paragraphs, &article.dropped, &article.links}) *n = int64_t(fields.u64());
  for (int64_t& n : article.omissions.count) n = int64_t(fields.u64());
  for (uint32_t left = fields.u32(); left > 0; --left) {
    const std::string name(fields.text());
    article.omissions.templates[name] = int64_t(fields.u64());
  }
  article.title = fields.text();
  article.description = fields.text();
  return article;
}

std::string to_key(const PartPlace& place) {
  std::string key = number_key(place.whole);
  for (int shift = 24; shift >= 0; shift -= 8) key += char(place.part >> shift);
  return key;
}

PartPlace parse_place(std::string_view key) {
  return {key_number(key), uint32_t(key_number(key.substr(kNumber)) >> 32)};
}

ScratchTables::ScratchTables(const std::string& folder)
    : folder(folder), paragraphs(folder), articles(folder), pages(folder), links(folder, kLinkMemory) {}

ScratchTables::ScratchTables(const std::string& folder, const base::Json& state)
    : folder(folder),
      paragraphs(folder + "/paragraphs", part(state, "paragraphs")),
      articles(folder + "/articles", part(state, "articles")),
      pages(folder, folder + "/pages", part(state, "pages")),
      links(folder, folder + "/links", part(state, "links"), kLinkMemory) {
  if (state.is_null()) return;
  all_pages = state.at("all_pages").as_int();
  other_pages = state.at("other_pages").as_int();
  other_models = state.at("other_models").as_int();
  too_long_pages = state.at("too_long_pages").as_int();
  complete = state.at("complete").as_bool();
  dump = state.at("dump").as_int();
  dump_pages = state.at("dump_pages").as_int();
  dump_digest = state.at("dump_digest").as_string();
  if (const base::Json* found = state.find("damage")) damage = found->as_string();
}

base::Json ScratchTables::save() {
  base::Json state = base::Json::object();
  state.set("complete", complete);
  state.set("dump", dump);
  state.set("dump_pages", dump_pages);
  state.set("dump_digest", dump_digest);
  state.set("all_pages", all_pages);
  state.set("other_pages", other_pages);
  state.set("other_models", other_models);
  state.set("too_long_pages", too_long_pages);
  state.set("paragraphs", paragraphs.save());
  state.set("articles", articles.save());
  state.set("pages", pages.save());
  state.set("links", links.save());
  if (complete && damage) state.set("damage", *damage);
  return state;
}

}  // namespace kilm::prepare
