// Where titles meet pages: which page a title leads to, through redirects, and which articles are entities. All tables
// are sorted in scratch files and joined, one passing along the other. What grows in memory with the dumps is 2.5 bits
// for each page and a bit for each entity.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kilm/prepare/dump_pass.h"
#include "kilm/prepare/external/spool.h"

namespace kilm::prepare {

struct ResolvedData {
  explicit ResolvedData(const std::string& folder) : paragraphs(folder), entities(folder) {}

  Spool paragraphs;  // of StoredParagraph with entities and titles after redirects, in the order of the dumps
  Spool entities;    // of EntityRecord, held out or not yet, in the order of the dumps
  std::vector<bool> mentioned;     // entities that any paragraph links to
  CollectCounts counts;            // of omissions.templates the most frequent
  int64_t short_descriptions = 0;  // of entities; the others have their first sentence
};

// Joins the tables. Where pages share a title, the first counts. A chain of more than seven redirects, and a circle,
// lead nowhere. The collection stays as it is. With `reference`, descriptions are chosen as the reference
// implementation does it. Throws StopRequested after a signal.
void resolve(ScratchTables& collection, ResolvedData& into, bool reference = false);

}  // namespace kilm::prepare
