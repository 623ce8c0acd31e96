// Whether a model says who or what a name is, as the KILM paper asks it on ApposCorpus: without any training for it,
// the model fills a slot behind the name (prompt.h), and what it says is compared with what stood there (phrase.h).
#pragma once

#include <functional>

#include "kilm/appositives/prompt.h"
#include "kilm/bart/model.h"
#include "kilm/generation/generate.h"
#include "kilm/metrics/measures.h"
#include "kilm/predictions/rows.h"
#include "tensor/base/json.h"

namespace kilm::appositives {

// F1 of SQuAD's words, METEOR and BLEU of some items.
struct Measured {
  int64_t examples = 0;
  metrics::Measurement measurement{{metrics::Measure::f1, metrics::Measure::meteor, metrics::Measure::bleu}};

  void add(const std::string& prediction, const std::string& reference);
};

struct AppositiveScore {
  Measured full;         // every item
  Measured non_empty;    // those in whose slot something stood
  Measured constraint;   // those whose true phrase uses a known fact
  int64_t left_out = 0;  // items whose name does not stand before the slot
};

struct AppositiveOptions {
  PromptStyle style = PromptStyle::kilm;
  bool facts = false;
  generation::GenerateOptions search = {};
};

// Returns the search of these settings for phrases: of up to 128 tokens, or half the model's positions, that end with
// </ent_desc> or </s>, in the style bart with </s> alone. n-grams may come again that stand in the prompt.
generation::GenerateOptions phrase_search(generation::GenerateOptions settings, PromptStyle style,
                                          const tokenizer::Tokenizer& tokenizer, const bart::BartConfig& config);

// Asks the model for the phrase of each item that follows. An item whose name does not stand before the slot is left
// out, with a notice on standard error that names it, in either style, so that models of both are compared on the same
// items. `row` is called for each of the others in their order. Shows progress out of `items`, 0 if that is unknown.
AppositiveScore say_appositives(const bart::Bart& model, const tokenizer::Tokenizer& tokenizer,
                                evaluation::AppositiveReader& reader, int64_t items, const AppositiveOptions& options,
                                const std::function<void(const predictions::Example&)>& row);

// Returns {"full": {"examples", "f1", "meteor", "bleu"}, "non_empty": ..., "constraint": ..., "left_out"}.
base::Json to_json(const AppositiveScore& score);

}  // namespace kilm::appositives
