#include "kilm/objective/infill.h"

#include <algorithm>
#include <numeric>

#include "kilm/languages/sentence_rules.h"
#include "kilm/text/sentence.h"
#include "tensor/base/format.h"

namespace kilm::objective {

std::vector<int32_t> Example::decoder_input(const tokenizer::Tokenizer& tokenizer) const {
  std::vector<int32_t> input = {tokenizer.eos()};
  input.insert(input.end(), target.begin(), target.end() - 1);
  return input;
}

const char* name(KnowledgeSide side) {
  switch (side) {
    case KnowledgeSide::target: return "target";
    case KnowledgeSide::source: return "source";
  }
  base::fail("knowledge side: no such value");
}

InfillObjective::InfillObjective(const tokenizer::Tokenizer& tokenizer, InfillConfig config)
    : tokenizer_(tokenizer), config_(config) {
  tokenizer.kilm_tokens();  // throws if they are missing
  base::check<base::UsageError>(config.mask_rate >= 0 && config.mask_rate < 1, "mask rate: {} should be in [0, 1)",
                                config.mask_rate);
  // Near 0, lengths would be drawn for ever until one is above 0; above, Poisson's e^-lambda comes near 0.
  base::check<base::UsageError>(config.lambda >= 0.01 && config.lambda <= 500, "lambda: {} should be in [0.01, 500]",
                                config.lambda);
  base::check<base::UsageError>(config.permute_sentences >= 0 && config.permute_sentences <= 1,
                                "permute sentences: {} should be in [0, 1]", config.permute_sentences);
  base::check<base::UsageError>(config.mentions >= 1, "mentions per window: {} should be at least 1", config.mentions);
  base::check<base::UsageError>(config.max_length >= 16, "max length: {} should be at least 16", config.max_length);
}

// Tells from left to right at which bytes of a text a sentence begins.
class InfillObjective::Sentences {
 public:
  explicit Sentences(std::vector<size_t> ends) : ends_(std::move(ends)) {}

  bool begin_at(int64_t byte) {
    const size_t before = next_;
    while (next_ < ends_.size() && int64_t(ends_[next_]) <= byte) ++next_;
    return next_ > before;
  }
  // Passes the end of a mention: a sentence that seems to end inside of it goes on behind it.
  void pass_mention(int64_t end) { begin_at(end - 1); }

 private:
  std::vector<size_t> ends_;
  size_t next_ = 0;
};

// Encodes a segment. KILM opens BART's tokenizer with a prefix space, which every segment between added tokens gets
// (docs/objective.md, The space in front).
static std::vector<int32_t> segment(const tokenizer::Tokenizer& tokenizer, std::string_view text) {
  return text.empty() ? std::vector<int32_t>{} : tokenizer.encode(text, {.prefix_space = true});
}

std::vector<int32_t> InfillObjective::knowledge(std::string_view title, std::string_view description) const {
  std::vector<int32_t> ids = segment(tokenizer_, title);
  ids.push_back(tokenizer_.kilm_tokens().sep);
  const std::vector<int32_t> more = segment(tokenizer_, description);
  ids.insert(ids.end(), more.begin(), more.end());
  ids.push_back(tokenizer_.kilm_tokens().ent_desc_end);
  return ids;
}

void InfillObjective::add_text(Stream& stream, std::string_view text, int64_t begin, int64_t end,
                               Sentences& sentences) const {
  if (begin == end) return;
  const std::string_view part = text.substr(size_t(begin), size_t(end - begin));
  const std::vector<tokenizer::Token> tokens = tokenizer_.tokenize(part, {.prefix_space = true});
  stream.reserve(stream.size() + tokens.size());
  for (const tokenizer::Token& token : tokens)
    stream.push_back({token.id, TokenRole::plain, sentences.begin_at(begin + token.begin)});
}

void InfillObjective::add_mention(Stream& stream, std::string_view text, const dataset::Mention& mention,
                                  bool start) const {
  const tokenizer::KilmTokens& tokens = tokenizer_.kilm_tokens();
  const auto add = [&](const std::vector<int32_t>& ids, TokenRole tag) {
    for (const int32_t id : ids) stream.push_back({id, tag, false});
  };
  std::vector<int32_t> knows = knowledge(mention.title, mention.description);
  knows.pop_back();  // the closing delimiter is visible
  stream.push_back({tokens.ent, TokenRole::fixed, start});
  add(segment(tokenizer_, text.substr(size_t(mention.begin), size_t(mention.end - mention.begin))), TokenRole::mention);
  add({tokens.ent_end}, TokenRole::fixed);
  add({tokens.ent_desc}, TokenRole::delimiter);
  add(knows, TokenRole::knowledge);
  add({tokens.ent_desc_end}, TokenRole::delimiter);
}

// Returns the tokens of a window. They are longer than max_length only if what may not be trimmed is.
InfillObjective::Stream InfillObjective::stream_of(std::string_view text,
                                                   std::vector<dataset::Mention> mentions) const {
  std::sort(mentions.begin(), mentions.end(),
            [](const dataset::Mention& a, const dataset::Mention& b) { return a.begin < b.begin; });
  Sentences sentences(config_.permute_sentences > 0 ? text::sentence_ends(text, languages::sentence_rules({}))
                                                    : std::vector<size_t>());
  Stream left, middle, right;
  int64_t at = 0;
  for (const dataset::Mention& mention : mentions) {
    add_text(middle.empty() ? left : middle, text, at, mention.begin, sentences);
    add_mention(middle, text, mention, sentences.begin_at(mention.begin));
    sentences.pass_mention(mention.end);
    at = mention.end;
  }
  add_text(right, text, at, int64_t(text.size()), sentences);
  ptrdiff_t begin = 0, end = std::ssize(right);  // of what stays of left and right
  const ptrdiff_t length = std::ssize(left) + std::ssize(middle) + std::ssize(right) + 2;
  for (ptrdiff_t excess = length - config_.max_length; excess > 0; --excess) {
    if (std::ssize(left) - begin > end)
      ++begin;
    else if (end > 0)
      --end;
  }
  Stream stream;
  stream.reserve(size_t(length));
  stream.push_back({tokenizer_.bos(), TokenRole::fixed, false});
  stream.insert(stream.end(), left.begin() + begin, left.end());
  stream.insert(stream.end(), middle.begin(), middle.end());
  stream.insert(stream.end(), right.begin(), right.begin() + end);
  stream.push_back({tokenizer_.eos(), TokenRole::fixed, false});
  return stream;
}

InfillObjective::Stream InfillObjective::fitting_stream(std::string_view text,
                                                        std::vector<dataset::Mention> mentions) const {
  Stream stream = stream_of(text, mentions);
  while (std::ssize(stream) > config_.max_length) {
    mentions.pop_back();
    stream = stream_of(text, mentions);
  }
  return stream;
}

InfillObjective::Noise InfillObjective::noise_of(const Stream& stream, SampleId id) const {
  const auto draws = [&](Purpose purpose) { return Draws(id.seed, purpose, id.window, id.epoch); };
  Noise noise;
  noise.order.resize(stream.size());
  std::iota(noise.order.begin(), noise.order.end(), size_t(0));
  if (config_.permute_sentences > 0) {
    std::vector<bool> starts;
    for (const StreamToken& piece : stream) starts.push_back(piece.start);
    noise.order = permute_sentences(starts, config_.permute_sentences, draws(Purpose::permute));
  }
  std::vector<bool> maskable(stream.size());
  noise.hidden.resize(stream.size());
  for (size_t i = 0; i < stream.size(); ++i) {
    const TokenRole tag = stream[noise.order[i]].tag;
    maskable[i] = tag == TokenRole::plain || (tag == TokenRole::mention && config_.mask_mention);
    noise.hidden[i] = tag == TokenRole::knowledge && config_.knowledge_side == KnowledgeSide::target;
  }
  const int64_t empty = hide_spans(noise.hidden, maskable, config_.mask_rate, config_.lambda, draws(Purpose::infill));
  if (config_.insert_masks) {
    const int64_t room = config_.max_length - std::ssize(source_of(stream, noise));
    noise.inserted = insert_masks(noise.hidden, maskable, std::min(empty, room), draws(Purpose::insert));
  }
  return noise;
}

// Returns what the encoder reads: each maximal run of hidden places becomes one <mask>.
std::vector<int32_t> InfillObjective::source_of(const Stream& stream, const Noise& noise) const {
  std::vector<int32_t> source;
  source.reserve(noise.order.size());
  for (size_t i = 0; i < noise.order.size(); ++i) {
    if (!noise.inserted.empty()) source.insert(source.end(), size_t(noise.inserted[i]), tokenizer_.mask());
    if (!noise.hidden[i])
      source.push_back(stream[noise.order[i]].id);
    else if (i == 0 || !noise.hidden[i - 1])
      source.push_back(tokenizer_.mask());
  }
  return source;
}

std::vector<dataset::Mention> InfillObjective::choose(const std::vector<dataset::Mention>& mentions,
                                                      SampleId id) const {
  std::vector<dataset::Mention> left = mentions, chosen;
  Draws draws(id.seed, Purpose::mention, id.window, id.epoch);
  while (!left.empty() && int64_t(chosen.size()) < config_.mentions) {
    const dataset::Mention mention = left[size_t(draws.below(int64_t(left.size())))];
    chosen.push_back(mention);
    std::erase_if(left, [&](const dataset::Mention& m) {
      return m.begin == mention.begin || (m.begin < mention.end && mention.begin < m.end);
    });
  }
  return chosen;
}

Example InfillObjective::make(std::string_view text, std::vector<dataset::Mention> mentions, SampleId id) const {
  const Stream stream = fitting_stream(text, std::move(mentions));
  const Noise noise = noise_of(stream, id);
  std::vector<bool> hidden(stream.size());  // by position of the stream
  for (size_t i = 0; i < stream.size(); ++i) hidden[noise.order[i]] = noise.hidden[i];
  Example example;
  example.source = source_of(stream, noise);
  example.target.reserve(stream.size());
  example.groups.reserve(stream.size());
  for (size_t i = 0; i < stream.size(); ++i) {
    const bool component = stream[i].tag == TokenRole::delimiter || stream[i].tag == TokenRole::knowledge;
    if (component && config_.knowledge_side == KnowledgeSide::source) continue;
    example.target.push_back(stream[i].id);
    example.groups.push_back(component ? Group::knowledge : hidden[i] ? Group::infill : Group::copy);
  }
  return example;
}

InfillObjective::Prompt InfillObjective::prompt(std::string_view text, int64_t begin, int64_t end) const {
  const Stream stream = stream_of(text, {{begin, end, {}, {}}});
  Noise noise;
  for (size_t i = 0; i < stream.size(); ++i) {
    noise.order.push_back(i);
    noise.hidden.push_back(stream[i].tag == TokenRole::knowledge);
  }
  Prompt prompt;
  prompt.source = source_of(stream, noise);
  prompt.prefix = {tokenizer_.eos()};
  for (const StreamToken& piece : stream) {
    prompt.prefix.push_back(piece.id);
    if (piece.id == tokenizer_.kilm_tokens().ent_desc) break;
  }
  return prompt;
}

}  // namespace kilm::objective
