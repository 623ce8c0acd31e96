// The knowledge-infilling objective (KILM, ACL 2023). In the target, the title and short description of an entity, its
// knowledge, are inserted behind a mention of it. In the source that knowledge is one mask, and the rest of the text is
// infilled as in BART. What the decoder must then produce falls into three groups: copied, infilled and knowledge.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "kilm/dataset/window.h"
#include "kilm/objective/noise.h"
#include "kilm/tokenizer/tokenizer.h"

namespace kilm::objective {

// Where a component's title and description stand.
enum class KnowledgeSide : uint8_t {
  target,  // asked for: in the target, and one mask in the source. This is KILM
  source,  // given: readable in the source; the target is the text with its marked mentions, without components
};
inline constexpr KnowledgeSide kKnowledgeSides[] = {KnowledgeSide::target, KnowledgeSide::source};
const char* name(KnowledgeSide side);

struct InfillConfig {
  double mask_rate = 0.3;        // of the maskable tokens of a sequence, exactly: ceil(rate * n)
  double lambda = 3.0;           // mean length of a span, Poisson
  bool mask_mention = true;      // whether tokens of a mention may be masked
  bool insert_masks = false;     // whether a span of length zero puts a mask between tokens, as in BART
  double permute_sentences = 0;  // share of the sentences that change places in the source; in BART 1
  int64_t mentions = 1;          // of a window that get a component, at most
  KnowledgeSide knowledge_side = KnowledgeSide::target;
  int64_t max_length = 512;  // tokens of source and of target, with <s> and </s>
};

enum class Group : uint8_t { copy, infill, knowledge };
inline constexpr int kGroups = 3;
inline constexpr const char* kGroupNames[kGroups] = {"copy", "infill", "knowledge"};

struct Example {
  std::vector<int32_t> source;
  std::vector<int32_t> target;
  std::vector<Group> groups;  // of every target position
  bool plain = false;         // of the plain stream, packing.h

  // Returns what the decoder reads: </s> followed by the target without its last token.
  std::vector<int32_t> decoder_input(const tokenizer::Tokenizer& tokenizer) const;
};

// Where an example's random numbers come from.
struct SampleId {
  uint64_t seed = 0;
  uint32_t window = 0, epoch = 0;
};

class InfillObjective {
 public:
  // Takes a tokenizer, which must outlive the objective. Throws Error if it lacks any of the five KILM tokens.
  InfillObjective(const tokenizer::Tokenizer& tokenizer, InfillConfig config);

  // Chooses the mentions that training shows with their knowledge in this epoch: at most config.mentions, none of which
  // overlap. They are drawn one after another, each uniformly among those that are left.
  std::vector<dataset::Mention> choose(const std::vector<dataset::Mention>& mentions, SampleId id) const;

  // Returns the example of a window, with knowledge behind `mentions`, which do not overlap; without any, plain text
  // infilling. Too long a text loses whole tokens from the far end of the longer side of the context. What stands
  // between the first and the last mention stays. Where that alone is too long, the last of `mentions` stays a part of
  // the text, and so on.
  Example make(std::string_view text, std::vector<dataset::Mention> mentions, SampleId id) const;

  // The prompt of description generation: source without infilling, and the decoder's input up to <ent_desc>.
  struct Prompt {
    std::vector<int32_t> source;
    std::vector<int32_t> prefix;  // begins with </s> <s>
  };
  Prompt prompt(std::string_view text, int64_t mention_begin, int64_t mention_end) const;

  // Returns the tokens behind <ent_desc>: title <sep> description </ent_desc>.
  std::vector<int32_t> knowledge(std::string_view title, std::string_view description) const;

  const tokenizer::Tokenizer& tokenizer() const { return tokenizer_; }
  const InfillConfig& config() const { return config_; }

 private:
  enum class TokenRole : uint8_t { plain, mention, fixed, delimiter, knowledge };
  struct StreamToken {
    int32_t id;
    TokenRole tag;
    bool start;  // whether a sentence begins here; false everywhere if none are permuted
  };
  using Stream = std::vector<StreamToken>;
  // What happens to a stream on its way to the source: `order` is of positions of the stream, the rest of its places.
  struct Noise {
    std::vector<size_t> order;
    std::vector<bool> hidden;
    std::vector<int64_t> inserted;
  };
  class Sentences;

  void add_text(Stream& stream, std::string_view text, int64_t begin, int64_t end, Sentences& sentences) const;
  void add_mention(Stream& stream, std::string_view text, const dataset::Mention& mention, bool start) const;
  Stream stream_of(std::string_view text, std::vector<dataset::Mention> mentions) const;
  Stream fitting_stream(std::string_view text, std::vector<dataset::Mention> mentions) const;
  Noise noise_of(const Stream& stream, SampleId id) const;
  std::vector<int32_t> source_of(const Stream& stream, const Noise& noise) const;

  const tokenizer::Tokenizer& tokenizer_;
  InfillConfig config_;
};

}  // namespace kilm::objective
