// What a model knows of an entity in a sentence: the title of its page and its short description. The model generates
// them behind the mention, as the objective taught it (docs/objective.md, Describing a mention).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/generation/generate.h"
#include "kilm/objective/infill.h"

namespace kilm::evaluation {

// A mention in a text without markup.
struct MentionQuery {
  std::string_view text;
  int64_t begin = 0, end = 0;  // bytes
};

struct Description {
  std::string title, description;
  double score = 0;  // mean log probability of the generated tokens, with length_penalty 1
};

// Returns search options for descriptions: they end with </ent_desc> after at most 64 tokens, or what `config` has room
// for. With a trie, the title up to <sep> is one of its lists.
generation::GenerateOptions describe_options(const tokenizer::Tokenizer& tokenizer, const bart::BartConfig& config);
// Returns the longest prompt that leaves them this room, as the objective's max_length.
objective::InfillConfig describe_objective(const bart::BartConfig& config);

// Returns num_return_sequences descriptions per query, best first. The list is empty if options.stop said so.
std::vector<std::vector<Description>> describe(const bart::Bart& model, const objective::InfillObjective& objective,
                                               std::span<const MentionQuery> queries,
                                               const generation::GenerateOptions& options);

// Returns generated tokens as text, without special ones, which a model may produce anywhere, without ids that are no
// tokens, and without the prefix space.
std::string plain_text(const tokenizer::Tokenizer& tokenizer, std::span<const int32_t> ids);

// Returns the tokens behind <ent_desc> as text: title <sep> description </ent_desc>. Without <sep> the title is empty.
Description parse_description(const tokenizer::Tokenizer& tokenizer, std::span<const int32_t> generated);

// A text whose mentions are written [[surface]], without the brackets.
struct MarkedText {
  std::string text;
  std::vector<std::pair<int64_t, int64_t>> mentions;  // begin and end, bytes of text
};
// Throws UsageError for brackets without a partner or a surface, and for a text without a mention.
MarkedText parse_mentions(std::string_view marked);

}  // namespace kilm::evaluation
