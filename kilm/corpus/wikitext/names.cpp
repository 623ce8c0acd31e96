#include "kilm/corpus/wikitext/names.h"

#include <algorithm>
#include <unordered_set>

#include "kilm/corpus/characters.h"
#include "kilm/corpus/title.h"

namespace kilm {

namespace {

using Names = std::unordered_set<std::string_view>;

}  // namespace

bool is_tail_section(std::string_view heading) {
  static const Names names = {"reference",
                              "references",
                              "see also",
                              "sources",
                              "citations",
                              "secondary sources",
                              "external links",
                              "primary sources",
                              "tertiary sources",
                              "further reading",
                              "notes",
                              "footnote",
                              "footnotes",
                              "external link",
                              "references and notes",
                              "notes and references",
                              "works cited",
                              "notes and citations",
                              "general references"};
  return names.contains(lower_case(heading));
}

Tag tag_kind(std::string_view name) {
  static const Names blocks = {"p",  "div", "blockquote", "center", "table", "tr", "tbody", "thead", "tfoot", "caption",
                               "ul", "ol",  "dl",         "h1",     "h2",    "h3", "h4",    "h5",    "h6",    "hr"};
  static const Names items = {"li", "dd", "dt", "td", "th"};
  static const Names inlines = {
      "b",    "i",   "u",    "s",       "strike",    "del",         "ins",       "em",   "strong", "small", "big",
      "sub",  "sup", "span", "font",    "tt",        "code",        "kbd",       "samp", "var",    "cite",  "q",
      "abbr", "bdi", "bdo",  "ruby",    "rb",        "rt",          "rp",        "rtc",  "mark",   "dfn",   "time",
      "data", "wbr", "a",    "section", "noinclude", "onlyinclude", "translate", "tvar", "nobr"};
  if (name == "br") return Tag::space;
  if (name == "tab" || name == "tabs") return Tag::block;
  if (inlines.contains(name)) return Tag::inline_;
  if (blocks.contains(name)) return Tag::block;
  return items.contains(name) ? Tag::item : Tag::unknown;
}

bool ends_table(std::string_view template_name) {
  static const Names words = {"end",  "bottom",  "footer", "close", "fin",   "fine",   "fim",    "ende",   "slutt",
                              "slut", "koniec",  "konec",  "kraj",  "конец", "кінець", "край",   "終了",   "结束",
                              "結束", "sfârșit", "son",    "vége",  "loppu", "lõpp",   "beigas", "pabaiga"};
  const std::string name = lower_case(template_name);
  const size_t begin = name.find_first_not_of(" \n"), last = name.find_last_not_of(" \n");
  if (begin == kNone) return false;
  const std::string_view all = std::string_view(name).substr(begin, last + 1 - begin);
  const std::string_view behind = all.substr(all.find_last_of(" -_") + 1),
                         before = all.substr(0, all.find_first_of(" _"));
  return words.contains(behind) || words.contains(before) || all == "tableend" || all == "endtable";
}

bool is_project(std::string_view prefix) {
  static const Names names = {"wikt",
                              "wiktionary",
                              "commons",
                              "wikisource",
                              "wikibooks",
                              "wikiquote",
                              "wikinews",
                              "wikiversity",
                              "wikivoyage",
                              "voy",
                              "species",
                              "wikispecies",
                              "meta",
                              "mw",
                              "d",
                              "wikidata",
                              "s",
                              "b",
                              "q",
                              "n",
                              "v",
                              "m",
                              "w",
                              "c",
                              "foundation",
                              "wmf",
                              "doi",
                              "imdbname",
                              "imdbtitle",
                              "oeis",
                              "mediawikiwiki",
                              "phab",
                              "hdl",
                              "arxiv",
                              "rfc"};
  return names.contains(prefix);
}

bool is_language(std::string_view prefix) {
  if (prefix == "simple" || prefix == "tokipona") return true;
  const size_t end = std::min(prefix.find('-'), prefix.size());
  const bool letters = std::all_of(prefix.begin(), prefix.end(), [](char c) { return is_lower(c) || c == '-'; });
  return letters && (end == 2 || end == 3) && prefix.size() <= 12;
}

}  // namespace kilm
