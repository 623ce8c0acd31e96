// BART's noise on one sequence (Lewis et al. 2020), on flags alone. It says which order sentences take, which positions
// spans hide, and where masks that hide nothing go.
#pragma once

#include <cstdint>
#include <vector>

#include "kilm/objective/draws.h"

namespace kilm::objective {

// Returns the position that stands at each place when ceil(share * n) of the n sentences, chosen at random, change
// places among themselves. A sentence reaches from a position where `starts` is true, or from the first one, to before
// the next. The first and the last position (<s> and </s>) keep their places.
std::vector<size_t> permute_sentences(const std::vector<bool>& starts, double share, Draws draws);

// Hides exactly ceil(rate * n) of the n positions that are maskable, in spans of Poisson length. No span reaches over a
// position that is not maskable, or over what is hidden already. Returns how many spans were drawn with length zero.
int64_t hide_spans(std::vector<bool>& hidden, const std::vector<bool>& maskable, double rate, double lambda,
                   Draws draws);

// Returns how many of `count` inserted masks stand in front of each position. They go in front of positions that are
// maskable and not hidden, uniformly. Where there is none, nothing is inserted.
std::vector<int64_t> insert_masks(const std::vector<bool>& hidden, const std::vector<bool>& maskable, int64_t count,
                                  Draws draws);

}  // namespace kilm::objective
