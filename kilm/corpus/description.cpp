#include "kilm/corpus/description.h"

#include <algorithm>
#include <unordered_set>

#include "kilm/corpus/title.h"

namespace kilm {

namespace {

constexpr size_t kNone = std::string_view::npos;

using Words = std::unordered_set<std::string_view>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\n");
  return begin == kNone ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

// --- Descriptions
// -----------------------------------------------------------------------------------------------------

template <typename F>
void for_pieces(std::string_view text, const F& f) {
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('|', at), text.size());
    f(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
}

// 220px, 100x200px: fewer than five signs before the px, the first a number.
bool is_image_size(std::string_view piece) {
  if (!piece.ends_with("px") || piece.size() < 3 || !is_digit(piece[0])) return false;
  const std::string_view number = piece.substr(0, piece.size() - 2);
  const size_t digits = std::min(number.find_first_not_of("0123456789"), number.size());
  return digits < 5 && number.find_first_not_of("0123456789xX ") == kNone;
}

bool is_layout(std::string_view title, std::string_view piece) {
  static const Words words = {"thumb",  "right",  "thumbnail", "thumbtime", "upright", "left",
                              "alt",    "link=",  "frame",     "center",    "centre",  "none",
                              "border", "framed", "frameless", "First",     "Sir",     "The",
                              "A",      "An",     "St",        "St.",       "Dr.",     "First edition (publ."};
  return piece.empty() || piece.starts_with("http:") || piece.starts_with("https:") || piece.starts_with("File:") ||
         title.find(piece) != kNone || piece.find('=') != kNone || words.contains(piece) || is_image_size(piece);
}

bool is_meaningless(std::string_view piece) {
  static const Words words = {"Portrait", "David", "William", "Charles", "James", "George", "description", "300"};
  return words.contains(piece) || lower_case(piece).starts_with("{{birth");
}

bool says_nothing(std::string_view title, std::string_view description) {
  return description.empty() || description.find("may refer to:") != kNone ||
         lower_case(description.substr(0, 8)) == "redirect" || title.starts_with("Portal:") ||
         title.starts_with("MediaWiki:");
}

}  // namespace

void DescriptionFilter::count(std::string_view description) {
  if (description.find('|') == kNone) return;
  for_pieces(description, [&](std::string_view piece) {
    const auto found = pieces_.find(piece);
    if (found != pieces_.end()) {
      ++found->second;
    } else {
      pieces_.emplace(piece, 1);
    }
  });
}

void DescriptionFilter::merge(const DescriptionFilter& other) {
  for (const auto& [piece, n] : other.pieces_) pieces_[piece] += n;
}

std::optional<std::string> DescriptionFilter::choose(std::string_view title, std::string_view description) const {
  description = trimmed(description);
  if (says_nothing(title, description)) return {};
  if (description.find('|') != kNone) return rarest_piece(title, description);
  const bool junk =
      description == "thumb" || description == "right" || lower_case(description) == "wikipedia list article";
  return junk ? std::nullopt : std::optional<std::string>(description);
}

std::optional<std::string> DescriptionFilter::rarest_piece(std::string_view title, std::string_view description) const {
  std::string_view rarest;
  int64_t fewest = 0;
  for_pieces(description, [&](std::string_view piece) {
    if (is_layout(title, piece)) return;
    const auto found = pieces_.find(piece);
    const int64_t times = found == pieces_.end() ? 0 : found->second;
    if (!rarest.empty() && times >= fewest) return;
    rarest = piece;
    fewest = times;
  });
  return rarest.empty() || is_meaningless(rarest) ? std::nullopt : std::optional<std::string>(rarest);
}

bool keep_paragraph(const Paragraph& paragraph, bool document_rule) {
  const std::string_view text = paragraph.text;
  if (text.empty() || lower_case(text.substr(0, 8)) == "redirect") return false;
  for (const std::string_view name : {"File:", "http:", "https:", "Image:"})
    if (text.find(name) != kNone) return false;
  const auto line_ends = std::count(text.begin(), text.end(), '\n');
  if (!document_rule && size_t(line_ends) * 100 >= text.size()) return false;
  return std::none_of(paragraph.links.begin(), paragraph.links.end(), [&](const WikiLink& link) {
    const std::string_view surface = text.substr(size_t(link.begin), size_t(link.end - link.begin));
    return link.target.find("in aviation") != kNone || surface.find("in aviation") != kNone;
  });
}

}  // namespace kilm
