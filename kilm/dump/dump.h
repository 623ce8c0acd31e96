// Pages of a MediaWiki XML export, one after another as the bytes arrive. An export needs no document type, so one that
// declares any is refused: no entity can be defined, and none can expand.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kilm/dump/byte_source.h"
#include "kilm/languages/site.h"

namespace kilm::dump {

struct Page {
  int64_t id = 0;                       // 0 if it has none
  std::optional<int64_t> ns;            // old exports have none
  std::string title;                    // as it is written
  std::optional<std::string> redirect;  // title attribute of <redirect>
  std::string text;                     // of the last revision
  bool wikitext = true;                 // so its <model> and <format> say, which old exports lack
  bool too_long = false;                // that text has more than 8 MiB, and is empty here
};

// An XML parser gives text in pieces: line ends and entities are pieces of their own. The reference implementation puts
// a space between any two (A1-1 of docs/reference_faults.md): A &amp; B becomes "A  &  B".
enum class TextPieces : uint8_t { joined, spaced };

struct DumpHandlers {
  std::function<void(const languages::SiteInfo&)> site =
      {};                            // before the first page, whether or not there is a <siteinfo>
  std::function<bool(Page&&)> page;  // false stops reading
};

// Reads a dump to its end. Throws DamagedInput naming file, line and reason; pages before the damage were handed over.
void read_dump(ByteSource& source, const DumpHandlers& handlers, TextPieces pieces = TextPieces::joined);

}  // namespace kilm::dump
