// Times and counts as people read them.
#pragma once

#include <string>

namespace kilm::text {

// Returns two units at most: "0.82 s", "4 min 6 s", "5 h 12 min", "3 d 4 h".
std::string duration(double seconds);

// Rounds to a whole number and puts its digits in groups: "19,550".
std::string grouped(double number);

}  // namespace kilm::text
