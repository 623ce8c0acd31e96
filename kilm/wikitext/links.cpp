// Links to articles, which become links of the prose, and all others, of which at most the label is text.
#include <algorithm>
#include <optional>

#include "kilm/languages/title.h"
#include "kilm/text/character_references.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/names.h"
#include "kilm/wikitext/parser.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

struct PageKind {
  bool article = true;
  std::optional<Omission> omission = {};  // set: neither link nor surface is written
};

bool is_url(std::string_view target) {
  return target.starts_with("http:") || target.starts_with("https:") || target.starts_with("//") ||
         target.starts_with("ftp:") || target.starts_with("mailto:");
}

// Tells whether a target is a path as in ../x, which no page has as its name.
bool is_relative(std::string_view target) {
  return target.starts_with("./") || target.starts_with("../") || target.find("/./") != text::kNone ||
         target.find("/../") != text::kNone;
}

// Tells what kind of page a target is on. `colon`: one stands before it, which turns what would act on the page into
// plain text. `in_sentence`: a sentence names the page, so that the surface is part of it. On a line of its own, a link
// to a page about the project or to another wiki is a hint for readers.
PageKind kind_of_page(const languages::Site& site, const std::string& target, std::string_view raw, bool colon,
                      bool in_sentence) {
  const PageKind named{.article = false}, hint{.article = false, .omission = Omission::interwiki};
  if (is_relative(target)) return named;
  const size_t end = target.find(':');
  if (end == text::kNone || end == 0) return {};
  const std::string_view prefix = trimmed(std::string_view(target).substr(0, end));
  if (const std::optional<int> key = site.namespaces.find(prefix)) {
    if (colon) return named;
    if (*key == languages::Namespaces::kFile) return {.article = false, .omission = Omission::image};
    if (*key == languages::Namespaces::kCategory) return {.article = false, .omission = Omission::category};
    return in_sentence ? named : hint;
  }
  const size_t raw_end = raw.find(':', raw.starts_with(':'));
  const std::string_view written = trimmed(raw.substr(raw.starts_with(':'), raw_end - raw.starts_with(':')));
  if (is_project(text::lower_case(written))) return in_sentence || colon ? named : hint;
  if (!is_language_prefix(written)) return {};
  return colon ? named : hint;
}

// Drops the namespace of a title, and what tells it from others of its name: a parenthesis, or what a comma begins.
std::string without_qualifier(std::string title, const languages::Site& site) {
  const size_t colon = title.find(':');
  if (colon != text::kNone && site.namespaces.find(std::string_view(title).substr(0, colon))) title.erase(0, colon + 1);
  const size_t parenthesis = title.rfind(" ("), comma = title.find(", ");
  if (parenthesis != text::kNone && title.ends_with(')')) return title.substr(0, parenthesis);
  return title.substr(0, comma);
}

// Returns what a link without a label shows. With `pipe` it ends in an empty label (the pipe trick).
std::string shown_target(std::string_view raw, bool pipe, const languages::Site& site) {
  std::string shown = text::decode_character_references(raw);
  std::replace(shown.begin(), shown.end(), '_', ' ');
  const size_t hash = shown.find('#');
  shown = hash == 0 ? shown.substr(1) : shown.substr(0, hash);
  if (shown.starts_with(':')) shown.erase(0, 1);
  if (pipe) shown = without_qualifier(shown, site);
  for (size_t at = shown.find("''"); at != text::kNone; at = shown.find("''")) shown.erase(at, 2);
  return std::string(trimmed(shown));
}

}  // namespace

// Reads a link. The letters around it that belong to its word are part of it.
size_t Parser::link(size_t at) {
  const std::string_view text = page_.text;
  const size_t begin = at + 2, close = page_.brackets.close(at), after = close + 2;
  const size_t bar = page_.find_bar(begin, close);
  const std::string_view raw = trimmed(page_.view(begin, bar));
  if (is_url(raw)) {
    external(begin, close);
    return after;
  }
  const bool broken = raw.find_first_of("[]{}<>\n") != text::kNone;
  std::string target = broken ? "" : languages::normalise_title(raw, site_.first_letter);
  target = target.substr(0, target.find('#'));
  while (target.ends_with(' ')) target.pop_back();
  const bool colon = target.starts_with(':');
  if (colon) target = languages::normalise_title(std::string_view(target).substr(1), site_.first_letter);

  const PageKind kind = kind_of_page(site_, broken ? written_target(begin, bar) : target, raw, colon,
                                     bar < close || !page_.alone_on_line(at, after));
  if (kind.omission) {
    leave_out(*kind.omission);
    return after;
  }
  const bool is_link = kind.article && !target.empty() && !inside_link_;
  if (is_link) out_->begin_link(page_.view(letters_.prefix_begin(text.substr(0, at), at), at));
  const bool outer = std::exchange(inside_link_, inside_link_ || is_link);
  surface(begin, bar, close, raw, broken);
  inside_link_ = outer;
  const size_t trail = letters_.trail_end(text, after);
  out_->text(page_.view(after, trail));
  if (is_link) out_->end_link(std::move(target));
  return trail;
}

// Reads a link that is never closed. Its label is text; of a file nothing is.
size_t Parser::open_link(size_t at) {
  const std::string& text = page_.text;
  const size_t begin = at + 2, end = std::min(text.find_first_of("[]{}|\n\x03", begin), text.size());
  page_.work += int64_t(end - begin);
  const std::string_view raw = trimmed(page_.view(begin, std::min(end, begin + 300)));
  const PageKind kind = kind_of_page(site_, languages::normalise_title(raw), raw, raw.starts_with(':'), true);
  if (kind.omission == Omission::image || kind.omission == Omission::category) {
    leave_out(*kind.omission);
    return behind_caption(end);
  }
  article_.omissions.add(Omission::stray);
  return end < text.size() && (text[end] == '|' || text[end] == kBar) ? end + 1 : begin;
}

// Returns where the caption at `at` of a file ends: with its link, if that is near, else with its line.
size_t Parser::behind_caption(size_t at) {
  constexpr size_t kFar = 3000;
  const size_t limit = std::min(page_.text.size(), at + kFar);
  for (size_t next = at; next < limit;) {
    ++page_.work;
    if (page_.brackets.kind(next) != Bracket::none) {
      next = page_.brackets.after(next);
      continue;
    }
    if (page_.at_text(next, "]]")) return next + 2;
    if (page_.at_text(next, "[[") || page_.at_text(next, "\n=")) break;
    ++next;
  }
  return std::min(page_.find(at, page_.text.size(), '\n'), page_.text.size());
}

// Returns a target as its templates write it. They may be unknown, so that it tells no more than the kind of page.
std::string Parser::written_target(size_t begin, size_t end) {
  const std::string target = languages::normalise_title(plain(begin, end), site_.first_letter);
  return target.starts_with(':') ? "" : target;
}

// Writes what a link shows: the part behind the last bar; without one, or if that is empty, the target.
void Parser::surface(size_t begin, size_t bar, size_t close, std::string_view raw, bool broken) {
  if (bar < close) {
    size_t from = bar + 1;
    for (size_t next = page_.find_bar(from, close); next < close; next = page_.find_bar(from, close)) from = next + 1;
    if (!trimmed(page_.view(from, close)).empty()) {
      write(from, close);
      return;
    }
  }
  if (broken) {
    write(begin, bar);
  } else {
    out_->text(shown_target(raw, bar < close, site_));
  }
}

// Writes the label of [url label], whose inside is [begin, end).
void Parser::external(size_t begin, size_t end) {
  const std::string_view label = trimmed(page_.view(address_end(begin, end), end));
  if (label.empty()) return leave_out(Omission::url);
  write(size_t(label.data() - page_.text.data()), end);
}

// Leaves out an address in the text, which is a word of its sentence. The colon of its scheme is at `at`.
size_t Parser::bare_address(size_t at, size_t end) {
  const std::string& text = page_.text;
  size_t begin = at;
  while (begin > 0 && at - begin < 6 && (text::is_letter(text[begin - 1]) || text::is_digit(text[begin - 1]))) --begin;
  const std::string_view scheme = page_.view(begin, at);
  const std::string lower = text::lower_case(scheme);
  const size_t host = at + 3;
  if (!page_.at_text(at, "://") || (lower != "http" && lower != "https" && lower != "ftp")) return literal(at);
  size_t stop = address_end(host, end);
  const bool opens = page_.view(host, stop).find('(') != text::kNone;
  const std::string_view ends = opens ? ",;.:!?" : ",;.:!?)";
  while (stop > host && ends.find(text[stop - 1]) != text::kNone) --stop;
  if (stop == host || !out_->take_back(scheme)) return literal(at);
  article_.omissions.add(Omission::url);
  out_->hole();
  return stop;
}

// Returns where an address ends: at a space or a sign that none has, or at markup. Templates in it are part of it.
size_t Parser::address_end(size_t at, size_t end) {
  while (at < end) {
    ++page_.work;
    const char c = page_.text[at];
    if (c == ' ' || c == '<' || c == '>' || c == '"' || c == '[' || is_left_out(c) || page_.at_text(at, "''") ||
        page_.at_text(at, "&lt;") || page_.at_text(at, "&gt;") || page_.at_text(at, "\u3000"))
      break;
    at = page_.brackets.kind(at) == Bracket::none ? at + 1 : page_.brackets.after(at);
  }
  return std::min(at, end);
}

}  // namespace kilm::wikitext
