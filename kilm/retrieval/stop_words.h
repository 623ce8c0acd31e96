// Words that say too little of a text to find it by: DrQA's list of 162 (Chen et al. 2017).
#pragma once

#include <string_view>

namespace kilm::retrieval {

// Tells whether a word, in lower case, is one of them.
bool is_stop_word(std::string_view word);

}  // namespace kilm::retrieval
