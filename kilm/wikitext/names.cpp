#include "kilm/wikitext/names.h"

#include <algorithm>
#include <unordered_set>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::wikitext {

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
  return names.contains(text::lower_case(heading));
}

TagKind tag_kind(std::string_view name) {
  static const Names blocks = {"p",     "div",   "blockquote", "center", "table", "tr", "tbody",
                               "thead", "tfoot", "caption",    "ul",     "ol",    "dl", "h1",
                               "h2",    "h3",    "h4",         "h5",     "h6",    "hr", "languages"};
  static const Names items = {"li", "dd", "dt", "td", "th"};
  static const Names inlines = {
      "b",    "i",   "u",    "s",       "strike",    "del",         "ins",       "em",   "strong", "small", "big",
      "sub",  "sup", "span", "font",    "tt",        "code",        "kbd",       "samp", "var",    "cite",  "q",
      "abbr", "bdi", "bdo",  "ruby",    "rb",        "rt",          "rp",        "rtc",  "mark",   "dfn",   "time",
      "data", "wbr", "a",    "section", "noinclude", "onlyinclude", "translate", "tvar", "nobr"};
  if (name == "br") return TagKind::space;
  if (name == "tab" || name == "tabs" || name.starts_with("mainpage-")) return TagKind::block;
  if (inlines.contains(name)) return TagKind::inline_;
  if (blocks.contains(name)) return TagKind::block;
  return items.contains(name) ? TagKind::item : TagKind::unknown;
}

bool ends_table(std::string_view template_name) {
  static const Names words = {"end",  "bottom",  "footer", "close", "fin",   "fine",   "fim",    "ende",   "slutt",
                              "slut", "koniec",  "konec",  "kraj",  "конец", "кінець", "край",   "終了",   "结束",
                              "結束", "sfârșit", "son",    "vége",  "loppu", "lõpp",   "beigas", "pabaiga"};
  const std::string name = text::lower_case(template_name);
  const size_t begin = name.find_first_not_of(" \n"), last = name.find_last_not_of(" \n");
  if (begin == text::kNone) return false;
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
                              "rfc",
                              "google",
                              "fandom",
                              "wikia",
                              "metawikipedia",
                              "metawiki",
                              "metawikimedia",
                              "wikimedia",
                              "incubator",
                              "outreach",
                              "wikitech",
                              "translatewiki",
                              "betawiki",
                              "toolforge",
                              "toollabs",
                              "phabricator",
                              "gerrit",
                              "bugzilla",
                              "mediazilla",
                              "pmid"};
  return names.contains(prefix);
}

bool is_language(std::string_view prefix) {
  if (prefix == "simple" || prefix == "tokipona") return true;
  const size_t end = std::min(prefix.find('-'), prefix.size());
  const bool letters = std::all_of(prefix.begin(), prefix.end(), [](char c) { return text::is_lower(c) || c == '-'; });
  return letters && (end == 2 || end == 3) && prefix.size() <= 12;
}

bool is_language_prefix(std::string_view prefix) {
  static const Names codes = {
      // of the Wikipedias
      "aa",       "ab",       "ace",          "ady",     "af",         "ak",    "als",     "alt",      "am",
      "ami",      "an",       "ang",          "ann",     "anp",        "ar",    "arc",     "ary",      "arz",
      "as",       "ast",      "atj",          "av",      "avk",        "awa",   "ay",      "az",       "azb",
      "ba",       "ban",      "bar",          "bat-smg", "bbc",        "bcl",   "bdr",     "be",       "be-tarask",
      "be-x-old", "bew",      "bg",           "bh",      "bi",         "bjn",   "blk",     "bm",       "bn",
      "bo",       "bpy",      "br",           "bs",      "btm",        "bug",   "bxr",     "ca",       "cbk-zam",
      "cdo",      "ce",       "ceb",          "ch",      "cho",        "chr",   "chy",     "ckb",      "co",
      "cr",       "crh",      "cs",           "csb",     "cu",         "cv",    "cy",      "cz",       "da",
      "dag",      "de",       "dga",          "din",     "diq",        "dk",    "dsb",     "dtp",      "dty",
      "dv",       "dz",       "ee",           "el",      "eml",        "en",    "eo",      "epo",      "es",
      "et",       "eu",       "ext",          "fa",      "fat",        "ff",    "fi",      "fiu-vro",  "fj",
      "fo",       "fon",      "fr",           "frp",     "frr",        "fur",   "fy",      "ga",       "gag",
      "gan",      "gcr",      "gd",           "gl",      "glk",        "gn",    "gom",     "gor",      "got",
      "gpe",      "gsw",      "gu",           "guc",     "gur",        "guw",   "gv",      "ha",       "hak",
      "haw",      "he",       "hi",           "hif",     "ho",         "hr",    "hsb",     "ht",       "hu",
      "hy",       "hyw",      "hz",           "ia",      "iba",        "id",    "ie",      "ig",       "igl",
      "ii",       "ik",       "ilo",          "inh",     "io",         "is",    "it",      "iu",       "ja",
      "jam",      "jbo",      "jp",           "jv",      "ka",         "kaa",   "kab",     "kaj",      "kbd",
      "kbp",      "kcg",      "kg",           "kge",     "ki",         "kj",    "kk",      "kl",       "km",
      "kn",       "knc",      "ko",           "koi",     "kr",         "krc",   "ks",      "ksh",      "ku",
      "kus",      "kv",       "kw",           "ky",      "la",         "lad",   "lb",      "lbe",      "lez",
      "lfn",      "lg",       "li",           "lij",     "lld",        "lmo",   "ln",      "lo",       "lrc",
      "lt",       "ltg",      "lv",           "lzh",     "mad",        "mai",   "map-bms", "mdf",      "mg",
      "mh",       "mhr",      "mi",           "min",     "minnan",     "mk",    "ml",      "mn",       "mni",
      "mnw",      "mo",       "mos",          "mr",      "mrj",        "ms",    "mt",      "mus",      "mwl",
      "my",       "myv",      "mzn",          "na",      "nah",        "nan",   "nap",     "nb",       "nds",
      "nds-nl",   "ne",       "new",          "ng",      "nia",        "nl",    "nn",      "no",       "nov",
      "nqo",      "nr",       "nrm",          "nso",     "nv",         "ny",    "oc",      "olo",      "om",
      "or",       "os",       "pa",           "pag",     "pam",        "pap",   "pcd",     "pcm",      "pdc",
      "pfl",      "pi",       "pih",          "pl",      "pms",        "pnb",   "pnt",     "ps",       "pt",
      "pwn",      "qu",       "rm",           "rmy",     "rn",         "ro",    "roa-rup", "roa-tara", "rsk",
      "ru",       "rue",      "rup",          "rw",      "sa",         "sah",   "sat",     "sc",       "scn",
      "sco",      "sd",       "se",           "sg",      "sgs",        "sh",    "shi",     "shn",      "shy",
      "si",       "simple",   "sk",           "skr",     "sl",         "sm",    "smn",     "sn",       "so",
      "sq",       "sr",       "srn",          "ss",      "st",         "stq",   "su",      "sv",       "sw",
      "syl",      "szl",      "szy",          "ta",      "tay",        "tcy",   "tdd",     "te",       "tet",
      "tg",       "th",       "ti",           "tig",     "tk",         "tl",    "tly",     "tn",       "to",
      "tok",      "tokipona", "tpi",          "tr",      "trv",        "ts",    "tt",      "tum",      "tw",
      "ty",       "tyv",      "udm",          "ug",      "uk",         "ur",    "uz",      "ve",       "vec",
      "vep",      "vi",       "vls",          "vo",      "vro",        "wa",    "war",     "wo",       "wuu",
      "xal",      "xh",       "xmf",          "yi",      "yo",         "yue",   "za",      "zea",      "zgh",
      "zh",       "zh-cfr",   "zh-classical", "zh-cn",   "zh-min-nan", "zh-tw", "zh-yue",  "zu"};
  return is_language(prefix) || (prefix.size() <= 12 && codes.contains(text::lower_case(prefix)));
}

}  // namespace kilm::wikitext
