#include "kilm/wikitext/strip.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kilm/text/characters.h"

namespace kilm::wikitext {

namespace {

enum class Content : uint8_t { reference, nowiki, formula, gallery, code, verse, tabs, dropped };

struct OpaqueTag {
  std::string_view name;
  Content content;
};

constexpr OpaqueTag kOpaque[] = {{"ref", Content::reference},
                                 {"references", Content::reference},
                                 {"nowiki", Content::nowiki},
                                 {"math", Content::formula},
                                 {"chem", Content::formula},
                                 {"ce", Content::formula},
                                 {"gallery", Content::gallery},
                                 {"imagemap", Content::gallery},
                                 {"timeline", Content::dropped},
                                 {"score", Content::verse},
                                 {"hiero", Content::verse},
                                 {"syntaxhighlight", Content::code},
                                 {"source", Content::code},
                                 {"pre", Content::code},
                                 {"style", Content::dropped},
                                 {"script", Content::dropped},
                                 {"templatedata", Content::dropped},
                                 {"graph", Content::dropped},
                                 {"poem", Content::verse},
                                 {"inputbox", Content::dropped},
                                 {"templatestyles", Content::dropped},
                                 {"mapframe", Content::dropped},
                                 {"maplink", Content::dropped},
                                 {"indicator", Content::dropped},
                                 {"phonos", Content::dropped},
                                 {"includeonly", Content::dropped},
                                 {"categorytree", Content::dropped},
                                 {"charinsert", Content::dropped},
                                 {"tabber", Content::tabs},
                                 // Tags of wikis with other extensions.
                                 {"infobox", Content::dropped},
                                 {"youtube", Content::dropped},
                                 {"youtubeplaylist", Content::dropped},
                                 {"video", Content::dropped},
                                 {"videogallery", Content::dropped},
                                 {"aovideo", Content::dropped},
                                 {"embedvideo", Content::dropped},
                                 {"aoaudio", Content::dropped},
                                 {"gvideo", Content::dropped},
                                 {"vimeo", Content::dropped},
                                 {"dailymotion", Content::dropped},
                                 {"twitch", Content::dropped},
                                 {"twitter", Content::dropped},
                                 {"tweet", Content::dropped},
                                 {"tiktok", Content::dropped},
                                 {"instagram", Content::dropped},
                                 {"facebook", Content::dropped},
                                 {"soundcloud", Content::dropped},
                                 {"spotify", Content::dropped},
                                 {"bandcamp", Content::dropped},
                                 {"discord", Content::dropped},
                                 {"nicovideo", Content::dropped},
                                 {"bilibili", Content::dropped},
                                 {"jwplayer", Content::dropped},
                                 {"flash", Content::dropped},
                                 {"flashmp3", Content::dropped},
                                 {"mp3", Content::dropped},
                                 {"mp4", Content::dropped},
                                 {"audio", Content::dropped},
                                 {"swf", Content::dropped},
                                 {"pdf", Content::dropped},
                                 {"slideshow", Content::dropped},
                                 {"imageslider", Content::dropped},
                                 {"embed", Content::dropped},
                                 {"iframe", Content::dropped},
                                 {"html", Content::dropped},
                                 {"rawhtml", Content::dropped},
                                 {"htmlet", Content::dropped},
                                 {"verbatim", Content::dropped},
                                 {"css", Content::dropped},
                                 {"js", Content::dropped},
                                 {"javascript", Content::dropped},
                                 {"widget", Content::dropped},
                                 {"noscript", Content::dropped},
                                 {"svg", Content::dropped},
                                 {"canvas", Content::dropped},
                                 {"dpl", Content::dropped},
                                 {"dynamicpagelist", Content::dropped},
                                 {"randomimage", Content::dropped},
                                 {"ask", Content::dropped},
                                 {"cargo", Content::dropped},
                                 {"sqlquery", Content::dropped},
                                 {"sql", Content::dropped},
                                 {"csv", Content::dropped},
                                 {"datatable", Content::dropped},
                                 {"poll", Content::dropped},
                                 {"pollshow", Content::dropped},
                                 {"polls", Content::dropped},
                                 {"vote", Content::dropped},
                                 {"rating", Content::dropped},
                                 {"comments", Content::dropped},
                                 {"commentbox", Content::dropped},
                                 {"voteny", Content::dropped},
                                 {"quiz", Content::dropped},
                                 {"choose", Content::dropped},
                                 {"inlinequiz", Content::dropped},
                                 {"createbox", Content::dropped},
                                 {"searchbox", Content::dropped},
                                 {"googlesearch", Content::dropped},
                                 {"googlespreadsheet", Content::dropped},
                                 {"googlecalendar", Content::dropped},
                                 {"googlemap", Content::dropped},
                                 {"googlemaps", Content::dropped},
                                 {"map", Content::dropped},
                                 {"maps", Content::dropped},
                                 {"display_map", Content::dropped},
                                 {"display_points", Content::dropped},
                                 {"osm_map", Content::dropped},
                                 {"slippymap", Content::dropped},
                                 {"kml", Content::dropped},
                                 {"rss", Content::dropped},
                                 {"feed", Content::dropped},
                                 {"forum", Content::dropped},
                                 {"newsfeed", Content::dropped},
                                 {"bloglist", Content::dropped},
                                 {"listpages", Content::dropped},
                                 {"tabview", Content::dropped},
                                 {"activityfeed", Content::dropped},
                                 {"chart", Content::dropped},
                                 {"charts", Content::dropped},
                                 {"plot", Content::dropped},
                                 {"gnuplot", Content::dropped},
                                 {"graphviz", Content::dropped},
                                 {"mscgen", Content::dropped},
                                 {"uml", Content::dropped},
                                 {"plantuml", Content::dropped},
                                 {"mermaid", Content::dropped},
                                 {"kroki", Content::dropped},
                                 {"blockdiag", Content::dropped},
                                 {"geogebra", Content::dropped},
                                 {"ggb", Content::dropped},
                                 {"jmol", Content::dropped},
                                 {"jmolfile", Content::dropped},
                                 {"molecule", Content::dropped},
                                 {"smiles", Content::dropped},
                                 {"lilypond", Content::dropped},
                                 {"abc", Content::dropped},
                                 {"musicscore", Content::dropped},
                                 {"easytimeline", Content::dropped},
                                 {"metadesc", Content::dropped},
                                 {"seo", Content::dropped},
                                 {"keywords", Content::dropped},
                                 {"pagequality", Content::dropped},
                                 {"languageselect", Content::dropped},
                                 {"lua", Content::dropped}};
constexpr std::string_view kBare[] = {"translate", "tvar", "noinclude", "onlyinclude"};
constexpr size_t kOpaqueTags = std::size(kOpaque);

Omission omission_of(Content content) {
  switch (content) {
    case Content::reference: return Omission::reference;
    case Content::formula: return Omission::formula;
    case Content::gallery: return Omission::gallery;
    case Content::code: return Omission::code;
    default: return Omission::tag;
  }
}

bool begins_with(std::string_view text, size_t at, std::string_view lower_name) {
  if (text.size() - at < lower_name.size()) return false;
  for (size_t i = 0; i < lower_name.size(); ++i)
    if (text::to_lower(text[at + i]) != lower_name[i]) return false;
  return true;
}

// Tells whether a formula reads as text: `n + 1` does, `\frac{1}{n}` does not.
bool is_plain(std::string_view formula) {
  return std::all_of(formula.begin(), formula.end(), [](char c) {
    return text::is_letter(c) || text::is_digit(c) || std::string_view(" +-=().,;:!/*").find(c) != text::kNone;
  });
}

class Stripper {
 public:
  Stripper(std::string_view in, Omissions& omissions) : in_(in), omissions_(omissions) { closed_.fill(true); }

  std::string run() {
    out_.reserve(in_.size());
    for (size_t at = 0; at < in_.size();) at = step(at);
    return std::move(out_);
  }
  int64_t work() const { return work_ + int64_t(in_.size()); }

 private:
  // Finds `what`; the next search starts there. A search that fails is not repeated (closed_, tag_ends_), so all of
  // them together look at each byte a fixed number of times.
  size_t find(std::string_view what, size_t from) {
    const size_t found = in_.find(what, from);
    work_ += int64_t((found == text::kNone ? in_.size() : found) - from);
    return found;
  }

  size_t step(size_t at) {
    const size_t begin = at;
    while (at < in_.size() && !special(in_[at])) ++at;
    out_ += in_.substr(begin, at - begin);
    if (at == in_.size()) return at;
    switch (in_[at]) {
      case '<': return in_.substr(at, 4) == "<!--" ? comment(at) : tag(at);
      case '{':
        if (const size_t next = sign_of_markup(at)) return next;
        break;
      case '\r': return at + 1;
      default: out_ += ' '; return at + 1;
    }
    out_ += in_[at];
    return at + 1;
  }

  // Writes the sign of {{!}} or one of its family, which stands where a template would take the sign for its own.
  // Returns what is behind it, or 0 if none is at `at`.
  size_t sign_of_markup(size_t at) {
    constexpr std::pair<std::string_view, std::string_view> kSigns[] = {
        {"!", "\x03"},   {"!!", "\x03\x03"}, {"!-", "\x03-"},        {"!+", "\x03+"},       {"(!", "{\x03"},
        {"!)", "\x03}"}, {"pipe", "\x03"},   {"((", "&#123;&#123;"}, {"))", "&#125;&#125;"}};
    const std::string_view text = in_.substr(at, 16);
    if (!text.starts_with("{{")) return 0;
    const size_t begin = text.find_first_not_of(' ', 2), end = text.find("}}", 2);
    if (end == text::kNone || begin >= end) return 0;
    const std::string_view name = text.substr(begin, text.find_last_not_of(' ', end - 1) + 1 - begin);
    for (const auto& [sign, written] : kSigns) {
      if (!begins_with(name, 0, sign) || name.size() != sign.size()) continue;
      out_ += written;
      return at + end + 2;
    }
    return 0;
  }

  static bool special(char c) { return c == '<' || c == '{' || (static_cast<unsigned char>(c) < 0x20 && c != '\n'); }

  // Drops a comment. One that is alone on its line takes the line with it, or it would part a paragraph.
  size_t comment(size_t at) {
    omissions_.add(Omission::comment);
    const size_t close = find("-->", at + 4);
    if (close == text::kNone) return in_.size();
    size_t after = close + 3;
    const bool line_start = out_.empty() || out_.back() == '\n';
    size_t next = after;
    while (next < in_.size() && in_[next] == ' ') ++next;
    if (line_start && next < in_.size() && in_[next] == '\n') after = next + 1;
    return after;
  }

  // Returns what is behind a tag that goes before anything is read; 0 if it is none. A list or heading may begin there.
  // Its content stays. The old form of a variable, <tvar|x>a</>, has a bar that would part arguments.
  size_t bare_tag(size_t at) {
    if (variable_ && in_.substr(at, 3) == "</>") {
      variable_ = false;
      return at + 3;
    }
    const bool opens = begins_with(in_, at + 1, "tvar|");
    const size_t name = at + 1 + (in_.substr(at + 1, 1) == "/");
    if (!opens && std::none_of(std::begin(kBare), std::end(kBare), [&](std::string_view bare) {
          return begins_with(in_, name, bare) && ends_name(name + bare.size());
        }))
      return 0;
    const size_t end = std::min(in_.find_first_of("<>", at + 1), in_.size());
    work_ += int64_t(end - at);
    if (end == in_.size() || in_[end] != '>') return 0;
    variable_ |= opens;
    return end + 1;
  }

  size_t tag(size_t at) {
    if (const size_t after = bare_tag(at)) return after;
    const size_t index = opaque_at(at + 1);
    if (index == kOpaqueTags) return copy(at);
    const OpaqueTag& tag = kOpaque[index];
    if (tag.content == Content::reference && !is_whole(at)) return unfinished(at, tag);
    const size_t open_end = tag_ends_ ? find(">", at) : text::kNone;
    if (open_end == text::kNone) {
      tag_ends_ = false;
      return copy(at);
    }
    if (in_[open_end - 1] == '/') {
      leave_out(tag.content);
      return open_end + 1;
    }
    const size_t close = closed_[index] ? closing_tag(tag.name, open_end + 1) : text::kNone;
    if (close == text::kNone) return unclosed(index, open_end + 1);
    content(tag.content, in_.substr(open_end + 1, close - open_end - 1));
    return std::min(find(">", close), in_.size() - 1) + 1;
  }

  // Tells whether the tag at `at` has its > before another one and in its paragraph.
  bool is_whole(size_t at) {
    const size_t end = std::min(in_.find_first_of("<>", at + 1), in_.size());
    work_ += int64_t(end - at);
    return end < in_.size() && in_[end] == '>' && in_.substr(at, end - at).find("\n\n") == text::kNone;
  }

  // Drops the name and attributes of a tag without >; what follows is text. Without attributes it may be no tag.
  size_t unfinished(size_t at, const OpaqueTag& tag) {
    size_t behind = at + 1 + tag.name.size();
    if (attribute_end(behind) == 0) return copy(at);
    leave_out(tag.content);
    while (const size_t end = attribute_end(behind)) behind = end;
    return behind;
  }

  // Returns what is behind the attribute name="a" at `at`, in the same line and before another tag; 0 if there is none.
  size_t attribute_end(size_t at) const {
    const std::string_view text = in_.substr(0, in_.find_first_of("<\n", at));
    const auto behind_spaces = [&](size_t from) { return std::min(text.find_first_not_of(' ', from), text.size()); };
    const size_t name = behind_spaces(at);
    size_t sign = name;
    while (sign < text.size() && text::is_letter(text[sign])) ++sign;
    const size_t equals = behind_spaces(sign);
    if (sign == name || text.substr(equals, 1) != "=") return 0;
    const size_t value = behind_spaces(equals + 1);
    const bool quoted = value < text.size() && (text[value] == '"' || text[value] == '\'');
    const size_t close = quoted ? text.find(text[value], value + 1) : text::kNone;
    return close != text::kNone ? close + 1 : std::min(text.find(' ', value), text.size());
  }

  size_t copy(size_t at) {
    out_ += in_[at];
    return at + 1;
  }

  size_t opaque_at(size_t at) const {
    static const std::unordered_map<std::string_view, size_t> table = [] {
      std::unordered_map<std::string_view, size_t> result;
      for (size_t i = 0; i < kOpaqueTags; ++i) result[kOpaque[i].name] = i;
      return result;
    }();
    std::array<char, 24> name{};
    size_t size = 0;
    for (; size < name.size() && at + size < in_.size(); ++size) {
      const char c = text::to_lower(in_[at + size]);
      if (!text::is_lower(c) && !text::is_digit(c) && c != '_') break;
      name[size] = c;
    }
    if (size == 0 || !ends_name(at + size)) return kOpaqueTags;
    const auto found = table.find({name.data(), size});
    return found == table.end() ? kOpaqueTags : found->second;
  }

  bool ends_name(size_t at) const {
    return at < in_.size() &&
           (in_[at] == ' ' || in_[at] == '>' || in_[at] == '/' || in_[at] == '\n' || in_[at] == '\t');
  }

  size_t closing_tag(std::string_view name, size_t from) {
    for (size_t at = find("</", from); at != text::kNone; at = find("</", at + 2))
      if (begins_with(in_, at + 2, name) && ends_name(at + 2 + name.size())) return at;
    return text::kNone;
  }

  size_t unclosed(size_t index, size_t after) {
    closed_[index] = false;
    leave_out(kOpaque[index].content);
    const Content content = kOpaque[index].content;
    if (content != Content::reference && content != Content::gallery) return after;
    return std::min(find("\n\n", after), in_.size());
  }

  // Leaves out what a tag holds. What a reader sees may be a word of the sentence.
  void leave_out(Content content) {
    omissions_.add(omission_of(content));
    const bool seen = content == Content::formula || content == Content::code || content == Content::verse;
    out_ += seen ? kHole : kGap;
  }

  void content(Content kind, std::string_view text) {
    if (kind == Content::nowiki) return verbatim(text);
    if (kind == Content::tabs) return tabs(text);
    if (kind == Content::formula && is_plain(text)) {
      out_ += text;
      return;
    }
    leave_out(kind);
  }

  // Reads Label=text |-| Label=text: each text is a paragraph of its own.
  void tabs(std::string_view text) {
    constexpr std::string_view kBetween = "|-|";
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find(kBetween, at), text.size());
      const std::string_view tab = text.substr(at, end - at);
      const size_t begin = tab.find_first_not_of(' ', std::min(tab.find('='), tab.size() - 1) + 1);
      out_ += "\n\n";
      if (begin != text::kNone) {
        Stripper inside(tab.substr(begin), omissions_);
        out_ += inside.run();
        work_ += inside.work();
      }
      at = end + kBetween.size();
    }
    out_ += "\n\n";
  }

  // Writes signs of markup as entities, with a gap around them, so that '<nowiki/>' parts what it should.
  void verbatim(std::string_view text) {
    out_ += kGap;
    for (const char c : text) {
      if (std::string_view("[]{}|'<>*#:;=_~-!").find(c) != text::kNone) {
        out_ += "&#" + std::to_string(int(c)) + ";";
      } else {
        out_ += static_cast<unsigned char>(c) >= 0x20 ? c : ' ';  // a line end begins no list
      }
    }
    out_ += kGap;
  }

  std::string_view in_;
  Omissions& omissions_;
  std::string out_;
  std::array<bool, kOpaqueTags> closed_;  // false: no closing tag follows
  bool variable_ = false;                 // <tvar|x> is open
  bool tag_ends_ = true;                  // false: no > follows
  int64_t work_ = 0;
};

struct ApostropheRun {
  size_t at, length;
};

// Follows MediaWiki's rule for a line with an odd number of both bold and italic marks: one ''' is an apostrophe and
// ''. It is the one behind a word of one letter, else the one behind a longer word, else the first.
size_t apostrophe_in(std::string_view line, const std::vector<ApostropheRun>& runs) {
  int bold = 0, italic = 0;
  size_t single = text::kNone, word = text::kNone, space = text::kNone;
  for (const ApostropheRun& run : runs) {
    bold += run.length != 2;
    italic += run.length == 2 || run.length >= 5;
    if (run.length != 3) continue;
    const char last = run.at > 0 ? line[run.at - 1] : ' ', before = run.at > 1 ? line[run.at - 2] : ' ';
    size_t& first = last == ' ' ? space : before == ' ' ? single : word;
    if (first == text::kNone) first = run.at;
  }
  if (bold % 2 == 0 || italic % 2 == 0) return text::kNone;
  return single != text::kNone ? single : word != text::kNone ? word : space;
}

std::string settle_apostrophes(std::string text) {
  if (text.find("'''") == text::kNone) return text;
  std::string result;
  result.reserve(text.size() + 64);
  std::vector<ApostropheRun> runs;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const std::string_view line(text.data() + begin, end - begin);
    runs.clear();
    for (size_t at = line.find("''"); at != text::kNone; at = line.find("''", at)) {
      const size_t stop = std::min(line.find_first_not_of('\'', at), line.size());
      runs.push_back({at, stop - at});
      at = stop;
    }
    const size_t apostrophe = runs.empty() ? text::kNone : apostrophe_in(line, runs);
    if (apostrophe == text::kNone) {
      result += line;
    } else {
      result.append(line.substr(0, apostrophe)).append("&#39;").append(line.substr(apostrophe + 1));
    }
    begin = end;
  }
  return result;
}

}  // namespace

std::string strip(std::string_view wikitext, Omissions& omissions, int64_t& work) {
  Stripper stripper(wikitext, omissions);
  std::string text = stripper.run();
  work += stripper.work();
  return settle_apostrophes(std::move(text));
}

}  // namespace kilm::wikitext
