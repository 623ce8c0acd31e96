// Which descriptions the reference implementation keeps (spec A3).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kilm::prepare::reference {

// Returns the pieces of a description between bars, trimmed; nothing if there is no bar. One that was meant as the
// caption of an image has them, most of them layout. The piece that describes is known by how rare it is.
std::vector<std::string_view> description_pieces(std::string_view description);

// Returns the description of the page `title`, trimmed; nothing if it says nothing. times: how often each of its pieces
// occurs among those of all descriptions.
std::optional<std::string> choose_description(std::string_view title, std::string_view description,
                                              std::span<const int64_t> times);

}  // namespace kilm::prepare::reference
