#include "kilm/answering/prompt.h"

#include <algorithm>

#include "kilm/text/unicode.h"
#include "kilm/tokenizer/plain_text.h"
#include "tensor/base/format.h"

namespace kilm::answering {

namespace {

using Ids = std::vector<int32_t>;

constexpr std::string_view kBetween = " \n\n ";

std::string question_of(std::string_view question, const Triggers& trigger) {
  return std::string(trigger.question).append(question).append(text::stripped(question).ends_with('?') ? " " : "? ");
}

// Returns text up to a <mask>, which takes the white space before it.
std::string before_mask(std::string text) {
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

void keep_last(Ids& ids, int64_t count) {
  if (int64_t(ids.size()) > count) ids.erase(ids.begin(), ids.end() - count);
}

// Returns <s> ids <mask> </s>.
Ids source_of(const tokenizer::Tokenizer& tokenizer, const Ids& ids) {
  Ids source = {tokenizer.bos()};
  source.insert(source.end(), ids.begin(), ids.end());
  source.insert(source.end(), {tokenizer.mask(), tokenizer.eos()});
  return source;
}

}  // namespace

const char* name(Method method) {
  switch (method) {
    case Method::first: return "1";
    case Method::second: return "2";
    case Method::third: return "3";
    case Method::fourth: return "4";
  }
  return "";
}

Triggers triggers(Method method) {
  switch (method) {
    case Method::first: return {"Question: ", "Answer: "};
    case Method::second: return {"Question: ", "Answer:"};
    case Method::third: return {"Q: ", "A: "};
    case Method::fourth: return {"Q: ", "A:"};
  }
  base::fail("prompt: no such method");
}

int64_t longest_prompt(const bart::BartConfig& config) {
  const int64_t positions = config.max_position_embeddings;
  return std::min(PromptOptions{}.longest, positions - std::min<int64_t>(50, positions / 2));
}

generation::GenerateRequest zero_shot_prompt(const tokenizer::Tokenizer& tokenizer, std::string_view question,
                                             const PromptOptions& options) {
  const Triggers trigger = triggers(options.method);
  const std::string text = question_of(question, trigger).append(trigger.answer);
  Ids source = tokenizer.encode(before_mask(text), {.prefix_space = options.prefix_space});
  keep_last(source, options.longest - 3);
  Ids target = tokenizer.encode(" " + text);
  keep_last(target, options.longest - 2);
  target.insert(target.begin(), {tokenizer.eos(), tokenizer.bos()});
  return {source_of(tokenizer, source), std::move(target)};
}

generation::GenerateRequest few_shot_prompt(const tokenizer::Tokenizer& tokenizer, std::span<const Shot> shots,
                                            std::string_view question, const PromptOptions& options) {
  const Triggers trigger = triggers(options.method);
  std::string text;
  for (const Shot& shot : shots)
    text.append(trigger.question)
        .append(shot.question)
        .append(" ")
        .append(trigger.answer)
        .append(shot.answer)
        .append(kBetween);
  text += question_of(question, trigger).append(trigger.answer);
  Ids source =
      source_of(tokenizer, tokenizer.encode(before_mask(std::move(text)), {.prefix_space = options.prefix_space}));
  keep_last(source, options.longest);
  Ids target = {tokenizer.eos()};
  target.insert(target.end(), source.begin(), source.end() - 2);
  return {std::move(source), std::move(target)};
}

std::string answer_in(const tokenizer::Tokenizer& tokenizer, std::span<const int32_t> generated, Method method) {
  const std::string text = text::as_utf8(tokenizer::plain_text(tokenizer, generated));
  std::string_view answer = text;
  answer = answer.substr(0, answer.find('\n'));
  answer = answer.substr(0, answer.find(text::stripped(triggers(method).question)));
  return std::string(text::stripped(answer));
}

}  // namespace kilm::answering
