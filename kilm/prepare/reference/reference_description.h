// Which descriptions the reference implementation keeps (spec A3).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kilm::prepare::reference {

// Descriptions that were meant as captions of an image come as pieces between bars, most of them layout. What the piece
// is that describes is seen from how rare it is. Trimmed; nothing if there is no bar.
std::vector<std::string_view> description_pieces(std::string_view description);

// Returns the description of the page `title`, trimmed; nothing if it says nothing. times: how often each of its pieces
// occurs among those of all descriptions.
std::optional<std::string> choose_description(std::string_view title, std::string_view description,
                                              std::span<const int64_t> times);

}  // namespace kilm::prepare::reference
