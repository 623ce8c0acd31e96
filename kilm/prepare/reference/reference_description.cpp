#include "kilm/prepare/reference/reference_description.h"

#include <algorithm>
#include <unordered_set>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::prepare::reference {

namespace {

using Words = std::unordered_set<std::string_view>;

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\n");
  return begin == text::kNone ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

// Recognises 220px and 100x200px: at most four digits, then only digits, x and spaces up to the px.
bool is_image_size(std::string_view piece) {
  if (!piece.ends_with("px") || piece.size() < 3 || !text::is_digit(piece[0])) return false;
  const std::string_view number = piece.substr(0, piece.size() - 2);
  const size_t digits = std::min(number.find_first_not_of("0123456789"), number.size());
  return digits < 5 && number.find_first_not_of("0123456789xX ") == text::kNone;
}

bool is_layout(std::string_view title, std::string_view piece) {
  static const Words words = {"thumb",  "right",  "thumbnail", "thumbtime", "upright", "left",
                              "alt",    "link=",  "frame",     "center",    "centre",  "none",
                              "border", "framed", "frameless", "First",     "Sir",     "The",
                              "A",      "An",     "St",        "St.",       "Dr.",     "First edition (publ."};
  return piece.empty() || piece.starts_with("http:") || piece.starts_with("https:") || piece.starts_with("File:") ||
         title.find(piece) != text::kNone || piece.find('=') != text::kNone || words.contains(piece) ||
         is_image_size(piece);
}

bool is_meaningless(std::string_view piece) {
  static const Words words = {"Portrait", "David", "William", "Charles", "James", "George", "description", "300"};
  return words.contains(piece) || text::lower_case(piece).starts_with("{{birth");
}

bool says_nothing(std::string_view title, std::string_view description) {
  return description.empty() || description.find("may refer to:") != text::kNone ||
         text::lower_case(description.substr(0, 8)) == "redirect" || title.starts_with("Portal:") ||
         title.starts_with("MediaWiki:");
}

std::optional<std::string> rarest_piece(std::string_view title, std::span<const std::string_view> pieces,
                                        std::span<const int64_t> times) {
  size_t rarest = text::kNone;
  for (size_t i = 0; i < pieces.size(); ++i)
    if (!is_layout(title, pieces[i]) && (rarest == text::kNone || times[i] < times[rarest])) rarest = i;
  return rarest == text::kNone || is_meaningless(pieces[rarest]) ? std::nullopt
                                                                 : std::optional<std::string>(pieces[rarest]);
}

}  // namespace

std::vector<std::string_view> description_pieces(std::string_view description) {
  std::vector<std::string_view> pieces;
  if (description.find('|') == text::kNone) return pieces;
  for (size_t at = 0; at <= description.size();) {
    const size_t end = std::min(description.find('|', at), description.size());
    pieces.push_back(trimmed(description.substr(at, end - at)));
    at = end + 1;
  }
  return pieces;
}

std::optional<std::string> choose_description(std::string_view title, std::string_view description,
                                              std::span<const int64_t> times) {
  description = trimmed(description);
  if (says_nothing(title, description)) return {};
  const std::vector<std::string_view> pieces = prepare::reference::description_pieces(description);
  if (!pieces.empty()) return rarest_piece(title, pieces, times);
  const bool junk =
      description == "thumb" || description == "right" || text::lower_case(description) == "wikipedia list article";
  return junk ? std::nullopt : std::optional<std::string>(description);
}

}  // namespace kilm::prepare::reference
