// The order into which Python's random.seed(0) and random.shuffle bring a list, by which the reference splits its
// paragraphs (step A5 of docs/reference_faults.md). The same for every version of Python since 3.2.
#pragma once

#include <cstdint>
#include <vector>

namespace kilm::prepare::reference {

// Returns where each of n things comes to stand.
std::vector<uint32_t> shuffled_places(uint32_t n);

}  // namespace kilm::prepare::reference
