// What the pass over the dumps leaves for resolve.h: everything as it is written there, in scratch files. Pages of the
// article namespace are numbered in the order of the dumps, those whose title was there before among them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kilm/dataset/entities.h"
#include "kilm/prepare/external/sorted_runs.h"
#include "kilm/prepare/external/spool.h"
#include "kilm/wikitext/omissions.h"

namespace kilm::prepare {

// A value of ScratchTables::pages; the key is the title.
struct CollectedPage {
  uint64_t number = 0;
  std::optional<std::string_view> target = {};  // of a redirect, without fragment; it may be empty
};
std::string to_record(const CollectedPage& page);
CollectedPage parse_page(std::string_view record);  // views into the record

// An article besides its paragraphs.
struct CollectedArticle {
  uint64_t page = 0;  // number
  bool disambiguation = false;
  int64_t paragraphs = 0, dropped = 0, links = 0;
  wikitext::Omissions omissions;
  bool may_be_entity = false;
  std::string title, description;  // raw; the description is empty if it cannot be an entity
  dataset::DescriptionSource source = dataset::DescriptionSource::short_description;
};
std::string to_record(const CollectedArticle& article);
CollectedArticle parse_article(std::string_view record);

// A part of something that is numbered: a link of a paragraph, a piece of an article's description.
struct PartPlace {
  uint64_t whole = 0;
  uint32_t part = 0;
};
std::string to_key(const PartPlace& place);  // parts in their order, one whole after another
PartPlace parse_place(std::string_view key);

struct ScratchTables {
  explicit ScratchTables(const std::string& folder);  // files without names
  // Opens files with names there; goes on from what save() said, or begins where that is null.
  ScratchTables(const std::string& folder, const base::Json& state);
  base::Json save();  // makes all of it durable

  std::string folder;                      // of the scratch files
  Spool paragraphs;                        // number_key of the page, then a StoredParagraph, link titles as written
  Spool articles;                          // CollectedArticle
  SortedRuns pages;                        // CollectedPage by title
  SortedRuns links;                        // PartPlace by title as written; paragraphs as they are numbered above
  int64_t all_pages = 0, other_pages = 0;  // other ones are not of the article namespace
  int64_t other_models = 0;                // pages that are no wikitext
  int64_t too_long_pages = 0;              // of any namespace, and none of the others
  std::optional<std::string> damage;       // file, place and reason; what came before is in the collection

  // How far the dumps have been read.
  bool complete = false;
  int64_t dump = 0, dump_pages = 0;  // finished dumps; pages of the next one
  std::string dump_digest;           // of these pages
};

}  // namespace kilm::prepare
