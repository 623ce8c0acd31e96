#include "kilm/prepare/reference/reference_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kilm/text/characters.h"

namespace kilm::prepare::reference {

namespace {

constexpr std::string_view kSpace = " \t\n\r\v\f";

enum class Reach { line, text };  // how far the end of a span may lie from its beginning
enum class Inside { dropped, kept };

// Drops the shortest spans from `open` to `close`. `searched` is the text or, to find either in any case, its lower
// case.
std::string without_spans(std::string_view text, std::string_view searched, std::string_view open,
                          std::string_view close, Reach reach, Inside inside = Inside::dropped) {
  std::string out;
  size_t at = 0, limit = reach == Reach::text ? text.size() : 0;
  for (size_t begin; (begin = searched.find(open, at)) != text::kNone;) {
    if (begin >= limit) limit = std::min(searched.find('\n', begin), text.size());
    const size_t end = searched.substr(0, limit).find(close, begin + open.size());
    if (end == text::kNone) {
      out += text.substr(at, limit - at);
      at = limit;
      continue;
    }
    out += text.substr(at, begin - at);
    if (inside == Inside::kept) out += text.substr(begin + open.size(), end - begin - open.size());
    at = end + close.size();
  }
  return out += text.substr(at);
}

std::string without_spans(std::string_view text, std::string_view open, std::string_view close, Reach reach,
                          Inside inside = Inside::dropped) {
  return without_spans(text, text, open, close, reach, inside);
}

// Calls f(line) for each line, without its end, until f returns false.
template <class F>
void for_lines(std::string_view text, F&& f) {
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (!f(text.substr(at, end - at))) return;
    at = end + 1;
  }
}

template <class F>
std::string map_lines(std::string_view text, F&& f) {
  std::string out;
  for_lines(text, [&](std::string_view line) {
    out += f(line);
    out += '\n';
    return true;
  });
  out.pop_back();  // behind the last line there is none
  return out;
}

// Where the brackets that begin at some place end, by the order of the beginnings. Those without partner are left out.
using Pairs = std::vector<std::pair<size_t, size_t>>;

Pairs match(std::string_view text, std::string_view open, std::string_view close) {
  Pairs pairs;
  std::vector<size_t> waiting;
  for (size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(open)) {
      waiting.push_back(at);
      at += open.size();
    } else if (!waiting.empty() && text.substr(at).starts_with(close)) {
      at += close.size();
      pairs.emplace_back(waiting.back(), at);
      waiting.pop_back();
    } else {
      ++at;
    }
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// Replaces every outermost pair by what f(its text with the brackets) says; f returns false where it is to stay.
template <class F>
std::string replace_pairs(std::string_view text, const Pairs& pairs, F&& f) {
  std::string out;
  size_t at = 0;
  for (const auto& [begin, end] : pairs) {
    if (begin < at) continue;
    std::string_view pair = text.substr(begin, end - begin);
    if (!f(pair)) continue;
    out += text.substr(at, begin - at);
    out += pair;
    at = end;
  }
  return out += text.substr(at);
}

// Drops links to images. A bracket without partner stays; what the reference does with it is not known.
std::string without_image_links(std::string_view text, std::string_view name) {
  return replace_pairs(text, match(text, "[", "]"), [&](std::string_view& link) {
    if (!link.starts_with("[[") || !link.substr(2).starts_with(name)) return false;
    link = {};
    return true;
  });
}

// Drops <ref name="a"/>, unless a / comes before the one at its end. That the tag may be another's, as in <ref>x<br/>,
// is not seen.
std::string without_empty_refs(std::string_view text) {
  std::string out;
  size_t at = 0, slash = 0;
  for (size_t begin = 0; (begin = text.find("<ref", begin)) != text::kNone;) {
    if (slash < begin) slash = text.find('/', begin);
    if (slash == text::kNone) break;
    if (text.substr(slash).starts_with("/>")) {
      out += text.substr(at, begin - at);
      at = slash + 2;
      begin = at;
    } else {
      begin += 4;
    }
  }
  return out += text.substr(at);
}

// Replaces {{lang-fr|y}} and {{lang|fr|y}}, without braces inside, by y.
std::string without_language_templates(std::string_view text) {
  std::string out;
  size_t at = 0;
  for (size_t begin = 0; (begin = text.find("{{lang", begin)) != text::kNone;) {
    const size_t name = begin + 6, end = text.find_first_of("{}", name);
    const std::string_view inside = text.substr(name, end - name);
    const size_t bar = inside.rfind('|');
    const bool closed = end != text::kNone && text.substr(end).starts_with("}}");
    const bool known = bar != text::kNone && (inside[0] == '-' || (inside[0] == '|' && bar > 0));
    if (closed && known) {
      out += text.substr(at, begin - at);
      out += inside.substr(bar + 1);
      at = end + 2;
    }
    begin = std::min(end, text.size());
  }
  return out += text.substr(at);
}

// Replaces -{zh-hans:x; zh-hant:y}- by x.
std::string first_chinese_variants(std::string_view text) {
  return map_lines(text, [](std::string_view line) {
    std::string out;
    size_t at = 0;
    for (size_t begin; (begin = line.find("-{", at)) != text::kNone;) {
      const size_t end = line.find("}-", begin + 2);
      if (end == text::kNone) break;
      std::string_view variant = line.substr(begin + 2, end - begin - 2);
      variant = variant.substr(0, variant.find(';'));
      if (const size_t colon = variant.find(':'); variant.starts_with("zh") && colon != text::kNone)
        variant.remove_prefix(colon + 1);
      out += line.substr(at, begin - at);
      out += variant;
      at = end + 2;
    }
    return out += line.substr(at);
  });
}

// Drops whatever is in double braces, but for the second part of {{le|x|…}}, {{link-fr|x|…}} and {{"|x}}. Which part of
// the last the reference keeps is not known.
std::string without_templates(std::string_view text) {
  return replace_pairs(text, match(text, "{{", "}}"), [](std::string_view& pair) {
    const std::string_view inside = pair.substr(2, pair.size() - 4), name = inside.substr(0, inside.find('|'));
    const bool kept = name == "le" || name.starts_with("link-") || name.find_first_not_of(" \"'") == text::kNone;
    pair = {};
    if (kept && name.size() < inside.size()) {
      pair = inside.substr(name.size() + 1);
      pair = pair.substr(0, pair.find('|'));
    }
    return true;
  });
}

std::string without_file_lines(std::string_view text) {
  return map_lines(text, [](std::string_view line) { return line.starts_with("File:") ? std::string_view{} : line; });
}

// Drops one of `signs` or more at the beginning of a line, with the white space around them, line ends as well. With
// less the counts in docs/reference_faults.md, step A2, do not come out.
std::string without_leading(std::string_view text, std::string_view signs) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t word = std::min(text.find_first_not_of(kSpace, at), text.size());
    const size_t rest = std::min(text.find_first_not_of(signs, word), text.size());
    if (rest > word) at = std::min(text.find_first_not_of(kSpace, rest), text.size());
    if (at == text.size() || (rest > word && text[at - 1] == '\n')) continue;  // at the beginning of a line again
    const size_t next = std::min(text.find('\n', std::max(at, word)), text.size() - 1) + 1;
    out += text.substr(at, next - at);
    at = next;
  }
  return out;
}

// Drops what stands in braces or angle brackets, one character after another; an opening one without partner takes all
// that follows.
std::string without_braces(std::string_view text) {
  std::string out;
  int64_t braces = 0, angles = 0;
  for (const char c : text) {
    if (c == '{')
      ++braces;
    else if (c == '<')
      ++angles;
    else if (c == '}' && braces > 0)
      --braces;
    else if (c == '>' && angles > 0)
      --angles;
    else if (braces == 0 && angles == 0)
      out += c;
  }
  return out;
}

bool is_last_heading(std::string_view line) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "reference",      "references",      "see also",         "sources",         "citations", "secondary sources",
      "external links", "primary sources", "tertiary sources", "further reading", "notes",     "footnote",
      "footnotes"};
  if (!line.starts_with('=') || !line.ends_with('=')) return false;
  line = line.substr(std::min(line.find_first_not_of('='), line.size()));
  line = prepare::reference::stripped(line.substr(0, line.find_last_not_of('=') + 1));
  return std::find(kNames.begin(), kNames.end(), prepare::reference::ascii_lower(line)) != kNames.end();
}

// Returns the lines, stripped, up to the first heading of references and their like.
std::string stripped_lines_of_body(std::string_view text) {
  std::string out;
  for_lines(text, [&](std::string_view line) {
    line = prepare::reference::stripped(line);
    if (is_last_heading(line)) return false;
    out += line;
    out += '\n';
    return true;
  });
  return out;
}

// Drops links with a colon in them, to categories, other languages and Batman: Year One alike. The reference looks for
// [[, a colon and ]], each the first behind the other. So the colon may lie behind the link's own end: "[[Rome]] is
// old: see [[Italy]]" goes whole (A1-10 of docs/reference_faults.md). Only so do the counts of step A2 there come out.
std::string without_colon_links(std::string_view line) {
  std::string out;
  size_t at = 0;
  for (size_t begin; (begin = line.find("[[", at)) != text::kNone;) {
    const size_t colon = line.find(':', begin + 2),
                 end = colon == text::kNone ? text::kNone : line.find("]]", colon + 1);
    if (end == text::kNone) break;
    out += line.substr(at, begin - at);
    at = end + 2;
  }
  return out += line.substr(at);
}

}  // namespace

std::string_view stripped(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  return begin == text::kNone ? std::string_view{} : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string without(std::string_view text, std::string_view word) {
  std::string out;
  size_t at = 0;
  for (size_t begin; (begin = text.find(word, at)) != text::kNone; at = begin + word.size())
    out += text.substr(at, begin - at);
  return out += text.substr(at);
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), text::to_lower);
  return lower;
}

std::string clean(std::string_view raw) {
  std::string text = without_file_lines(without_image_links(raw, "File:"));
  text = without_empty_refs(without_image_links(text, "Image:"));
  text = without_spans(text, prepare::reference::ascii_lower(text), "<ref", "</ref>", Reach::text);
  for (const char* marks : {"'''", "''"}) text = without_spans(text, marks, marks, Reach::line, Inside::kept);
  text = without_spans(text, "<!--", "-->", Reach::text);
  text = without_templates(first_chinese_variants(without_language_templates(text)));
  text = without_leading(without_leading(without_spans(text, "<", ">", Reach::line), "*#"), ":;");
  for (const char* begin : {"{| style=", "{| class="}) text = without_spans(text, begin, "|}", Reach::text);
  text = prepare::reference::without(text, "\u200b");
  text.erase(std::unique(text.begin(), text.end(), [](char a, char b) { return a == '\n' && b == '\n'; }), text.end());
  return text;
}

std::string post_clean(std::string_view text) {
  std::string result = without_braces(without_spans(text, "&lt;", "&gt;", Reach::line));
  result = stripped_lines_of_body(without_spans(result, "[http", "]", Reach::line));
  return map_lines(result, without_colon_links);
}

std::string reduce_links(std::string_view text) {
  return map_lines(text, [](std::string_view line) {
    std::string out;
    size_t at = 0;
    for (size_t begin; (begin = line.find("[[", at)) != text::kNone;) {
      const size_t end = line.find("]]", begin + 2);
      if (end == text::kNone) break;
      const std::string_view inside = line.substr(begin + 2, end - begin - 2);
      out += line.substr(at, begin - at);
      out += inside.substr(inside.rfind('|') + 1);  // from its beginning if there is no bar
      at = end + 2;
    }
    return out += line.substr(at);
  });
}

}  // namespace kilm::prepare::reference
