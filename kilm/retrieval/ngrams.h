// Texts as the n-grams that they are found by, as DrQA's simple tokenizer and its ranker have them (Chen et al. 2017).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kilm::retrieval {

// Returns the tokens of a text, which is decomposed first: runs of letters, digits and marks, and every other character
// that is neither separator nor control. They are in lower case.
std::vector<std::string> tokens(std::string_view text);

// Returns the unigrams and bigrams of these tokens, words with one space between, in the order of their first tokens.
// None holds a stop word or a token of punctuation.
std::vector<std::string> ngrams(std::string_view text);

// Returns the buckets that n-grams fall into: their hashes modulo `buckets`.
std::vector<uint32_t> ngram_buckets(std::string_view text, uint32_t buckets);

}  // namespace kilm::retrieval
