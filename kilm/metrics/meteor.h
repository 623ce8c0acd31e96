// METEOR (Lavie and Agarwal 2007) as nltk computes it, without WordNet: words match exactly or in their stems.
#pragma once

#include <string_view>

namespace kilm::metrics {

// Returns METEOR with alpha 0.9, beta 3 and gamma 0.5 of the words between white space, in lower case; 0 if none
// match. Words are matched from the last to the first, each with the last free one of the reference that is equal.
double meteor(std::string_view prediction, std::string_view reference);

}  // namespace kilm::metrics
