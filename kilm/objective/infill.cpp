#include "kilm/objective/infill.h"

#include <algorithm>
#include <cmath>

#include "kilm/draws.h"
#include "tensor/format.h"

namespace kilm {

std::vector<int32_t> Example::decoder_input(const Tokenizer& tokenizer) const {
  std::vector<int32_t> input = {tokenizer.eos()};
  input.insert(input.end(), target.begin(), target.end() - 1);
  return input;
}

InfillObjective::InfillObjective(const Tokenizer& tokenizer, InfillConfig config)
    : tokenizer_(tokenizer), config_(config) {
  tokenizer.kilm_tokens();  // throws if they are missing
  tensor::check<tensor::UsageError>(config.mask_rate >= 0 && config.mask_rate < 1, "mask rate: {} should be in [0, 1)",
                                    config.mask_rate);
  tensor::check<tensor::UsageError>(config.lambda > 0, "lambda: {} should be above 0", config.lambda);
  tensor::check<tensor::UsageError>(config.max_length >= 16, "max length: {} should be at least 16", config.max_length);
}

void InfillObjective::Stream::add(int32_t id, Tag tag) {
  ids.push_back(id);
  tags.push_back(tag);
}

void InfillObjective::Stream::add(const std::vector<int32_t>& more, Tag tag) {
  ids.insert(ids.end(), more.begin(), more.end());
  tags.resize(ids.size(), tag);
}

// KILM opens BART's tokenizer with a prefix space, which every segment between added tokens gets (kilm.md B1).
static std::vector<int32_t> segment(const Tokenizer& tokenizer, std::string_view text) {
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

void InfillObjective::trim(std::vector<int32_t>& left, std::vector<int32_t>& right, size_t middle) const {
  size_t excess = left.size() + right.size() + middle;
  excess -= std::min(excess, size_t(config_.max_length));
  for (; excess > 0; --excess) {
    if (left.size() > right.size())
      left.erase(left.begin());
    else if (!right.empty())
      right.pop_back();
    else
      break;
  }
}

InfillObjective::Stream InfillObjective::plain_stream(std::string_view text) const {
  std::vector<int32_t> left, right = segment(tokenizer_, text);
  trim(left, right, 2);
  Stream stream;
  stream.add(tokenizer_.bos(), Tag::fixed);
  stream.add(right, Tag::plain);
  stream.add(tokenizer_.eos(), Tag::fixed);
  return stream;
}

InfillObjective::Stream InfillObjective::marked_stream(std::string_view text, const Mention& mention) const {
  const KilmTokens& tokens = tokenizer_.kilm_tokens();
  std::vector<int32_t> left = segment(tokenizer_, text.substr(0, size_t(mention.begin)));
  std::vector<int32_t> right = segment(tokenizer_, text.substr(size_t(mention.end)));
  const std::vector<int32_t> surface =
      segment(tokenizer_, text.substr(size_t(mention.begin), size_t(mention.end - mention.begin)));
  std::vector<int32_t> knows = knowledge(mention.title, mention.description);
  knows.pop_back();  // the closing delimiter is visible
  trim(left, right, surface.size() + knows.size() + 6);
  Stream stream;
  stream.add(tokenizer_.bos(), Tag::fixed);
  stream.add(left, Tag::plain);
  stream.add(tokens.ent, Tag::fixed);
  stream.add(surface, Tag::mention);
  stream.add(tokens.ent_end, Tag::fixed);
  stream.add(tokens.ent_desc, Tag::fixed);
  stream.add(knows, Tag::knowledge);
  stream.add(tokens.ent_desc_end, Tag::fixed);
  stream.add(right, Tag::plain);
  stream.add(tokenizer_.eos(), Tag::fixed);
  return stream;
}

namespace {

// Places spans among the maskable positions of one sequence until exactly `budget` of them are masked.
class SpanMasker {
 public:
  SpanMasker(const std::vector<bool>& maskable, std::vector<bool>& masked, Draws draws)
      : maskable_(maskable), masked_(masked), draws_(draws) {
    for (size_t i = 0; i < maskable.size(); ++i)
      if (maskable[i]) positions_.push_back(i);
  }

  void run(double rate, double lambda) {
    int64_t budget = int64_t(std::ceil(rate * double(positions_.size())));
    while (budget > 0) {
      const int64_t length = std::min(draws_.poisson(lambda), budget);
      if (length > 0) budget -= place(length);
    }
  }

 private:
  static constexpr int kTries = 16;

  // Masks a span of `length`, or of what fits best among some random starts; returns how many were masked, at least 1.
  int64_t place(int64_t length) {
    size_t best = 0;
    int64_t best_room = 0;
    for (int i = 0; i < kTries && best_room < length; ++i) {
      const size_t start = positions_[size_t(draws_.below(int64_t(positions_.size())))];
      const int64_t room = room_at(start, length);
      if (room > best_room) {
        best = start;
        best_room = room;
      }
    }
    // Every try met a masked position: take the first free one behind the last try.
    if (best_room == 0) {
      best = next_free(size_t(draws_.below(int64_t(positions_.size()))));
      best_room = room_at(best, length);
    }
    for (int64_t i = 0; i < best_room; ++i) masked_[best + size_t(i)] = true;
    return best_room;
  }

  // How far a span from `start` reaches: over maskable positions only, and over no other span.
  int64_t room_at(size_t start, int64_t length) const {
    int64_t n = 0;
    while (n < length && start + size_t(n) < maskable_.size() && maskable_[start + size_t(n)] &&
           !masked_[start + size_t(n)])
      ++n;
    return n;
  }

  size_t next_free(size_t index) const {
    while (masked_[positions_[index]]) index = (index + 1) % positions_.size();
    return positions_[index];
  }

  const std::vector<bool>& maskable_;
  std::vector<bool>& masked_;
  Draws draws_;
  std::vector<size_t> positions_;
};

}  // namespace

std::vector<bool> InfillObjective::masked(const Stream& stream, SampleId id) const {
  std::vector<bool> maskable(stream.ids.size()), result(stream.ids.size());
  for (size_t i = 0; i < stream.tags.size(); ++i) {
    const Tag tag = stream.tags[i];
    maskable[i] = tag == Tag::plain || (tag == Tag::mention && config_.mask_mention);
    result[i] = tag == Tag::knowledge;
  }
  SpanMasker(maskable, result, Draws(id.seed, Purpose::infill, id.window, id.epoch))
      .run(config_.mask_rate, config_.lambda);
  return result;
}

// Each maximal run of masked positions becomes one <mask>.
std::vector<int32_t> InfillObjective::collapse(const Stream& stream, const std::vector<bool>& masked) const {
  std::vector<int32_t> source;
  for (size_t i = 0; i < stream.ids.size(); ++i) {
    if (!masked[i])
      source.push_back(stream.ids[i]);
    else if (i == 0 || !masked[i - 1])
      source.push_back(tokenizer_.mask());
  }
  return source;
}

Example InfillObjective::make(std::string_view text, const std::optional<Mention>& mention, SampleId id) const {
  Stream stream = mention ? marked_stream(text, *mention) : plain_stream(text);
  if (int64_t(stream.ids.size()) > config_.max_length) stream = plain_stream(text);  // the knowledge alone is too long
  const std::vector<bool> hidden = masked(stream, id);
  const KilmTokens& tokens = tokenizer_.kilm_tokens();
  Example example;
  example.source = collapse(stream, hidden);
  example.groups.reserve(stream.ids.size());
  for (size_t i = 0; i < stream.ids.size(); ++i) {
    const bool delimiter =
        stream.tags[i] == Tag::fixed && (stream.ids[i] == tokens.ent_desc || stream.ids[i] == tokens.ent_desc_end);
    example.groups.push_back(stream.tags[i] == Tag::knowledge || delimiter ? Group::knowledge
                             : hidden[i]                                   ? Group::infill
                                                                           : Group::copy);
  }
  example.target = std::move(stream.ids);
  return example;
}

InfillObjective::Prompt InfillObjective::prompt(std::string_view text, int64_t begin, int64_t end) const {
  const Stream stream = marked_stream(text, {begin, end, {}, {}});
  std::vector<bool> hidden(stream.ids.size());
  for (size_t i = 0; i < hidden.size(); ++i) hidden[i] = stream.tags[i] == Tag::knowledge;
  Prompt prompt;
  prompt.source = collapse(stream, hidden);
  prompt.prefix = {tokenizer_.eos()};
  for (int32_t id : stream.ids) {
    prompt.prefix.push_back(id);
    if (id == tokenizer_.kilm_tokens().ent_desc) break;
  }
  return prompt;
}

std::optional<int64_t> choose_mention(int64_t count, SampleId id) {
  if (count == 0) return std::nullopt;
  return Draws(id.seed, Purpose::mention, id.window, id.epoch).below(count);
}

}  // namespace kilm
