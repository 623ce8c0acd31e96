// The knowledge-infilling objective (KILM, ACL 2023): one mention of a window gets its entity's title and short
// description inserted behind it in the target; in the source that knowledge is one mask, and the rest of the text is
// infilled as in BART. What the decoder must then produce falls into three groups: copied, infilled and knowledge.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kilm/tokenizer/tokenizer.h"

namespace kilm {

struct InfillConfig {
  double mask_rate = 0.3;    // of the maskable tokens of a sequence, exactly: ceil(rate * n)
  double lambda = 3.0;       // mean length of a span, Poisson
  bool mask_mention = true;  // whether tokens of the mention may be masked
  int64_t max_length = 512;  // tokens of source and of target, with <s> and </s>
};

enum class Group : uint8_t { copy, infill, knowledge };
inline constexpr int kGroups = 3;
inline constexpr const char* kGroupNames[kGroups] = {"copy", "infill", "knowledge"};

// A link inside of a window that its entity's description is known for.
struct Mention {
  int64_t begin = 0, end = 0;  // bytes of the window's text
  std::string_view title, description;
};

struct Example {
  std::vector<int32_t> source;
  std::vector<int32_t> target;
  std::vector<Group> groups;  // of every target position

  // What the decoder reads: </s> followed by the target without its last token.
  std::vector<int32_t> decoder_input(const Tokenizer& tokenizer) const;
};

// Where an example's random numbers come from.
struct SampleId {
  uint64_t seed = 0;
  uint32_t window = 0, epoch = 0;
};

class InfillObjective {
 public:
  // The tokenizer must have the five KILM tokens and outlive the objective. Throws Error otherwise.
  InfillObjective(const Tokenizer& tokenizer, InfillConfig config);

  // The example of a window, with knowledge behind `mention` or as plain text infilling. Too long a text loses whole
  // tokens from the far end of the longer side of the context; markers, mention and knowledge stay.
  Example make(std::string_view text, const std::optional<Mention>& mention, SampleId id) const;

  // The prompt of description generation: source without infilling, and the decoder's input up to <ent_desc>.
  struct Prompt {
    std::vector<int32_t> source;
    std::vector<int32_t> prefix;  // begins with </s> <s>
  };
  Prompt prompt(std::string_view text, int64_t mention_begin, int64_t mention_end) const;

  // The tokens behind <ent_desc>: title <sep> description </ent_desc>.
  std::vector<int32_t> knowledge(std::string_view title, std::string_view description) const;

  const Tokenizer& tokenizer() const { return tokenizer_; }
  const InfillConfig& config() const { return config_; }

 private:
  enum class Tag : uint8_t { plain, mention, fixed, knowledge };
  struct Stream {
    std::vector<int32_t> ids;
    std::vector<Tag> tags;
    void add(int32_t id, Tag tag);
    void add(const std::vector<int32_t>& ids, Tag tag);
  };
  Stream plain_stream(std::string_view text) const;
  Stream marked_stream(std::string_view text, const Mention& mention) const;
  void trim(std::vector<int32_t>& left, std::vector<int32_t>& right, size_t middle) const;
  std::vector<bool> masked(const Stream& stream, SampleId id) const;
  std::vector<int32_t> collapse(const Stream& stream, const std::vector<bool>& masked) const;

  const Tokenizer& tokenizer_;
  InfillConfig config_;
};

// The mention that training shows in this epoch: one of `count`, uniformly; nothing if there is none.
std::optional<int64_t> choose_mention(int64_t count, SampleId id);

}  // namespace kilm
