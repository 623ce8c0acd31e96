#include "kilm/appositives/prompt.h"

#include <algorithm>

#include "tensor/base/format.h"

namespace kilm::appositives {

namespace {

using evaluation::Appositive;
using tokenizer::Tokenizer;
using Ids = std::vector<int32_t>;

// Adds a text, which gets a space in front if it has none, as everywhere between the objective's tokens.
void add(Ids& ids, const Tokenizer& tokenizer, std::string_view text) {
  if (text.empty()) return;
  const Ids more = tokenizer.encode(text, {.prefix_space = true});
  ids.insert(ids.end(), more.begin(), more.end());
}

std::string behind_space(const std::string& text) { return text.empty() ? "" : " " + text; }

// Returns the tokens before the mask, without <s>.
Ids before_mask(const Tokenizer& tokenizer, const Appositive& item, PromptStyle style) {
  const std::string context = item.previous + (item.previous.empty() || item.left.empty() ? "" : " ");
  Ids ids;
  if (style == PromptStyle::bart) {
    add(ids, tokenizer, context + item.left);
    return ids;
  }
  const size_t begin = item.name_begin().value(), end = begin + item.name.size();
  add(ids, tokenizer, context + item.left.substr(0, begin));
  ids.push_back(tokenizer.kilm_tokens().ent);
  add(ids, tokenizer, item.name);
  ids.push_back(tokenizer.kilm_tokens().ent_end);
  add(ids, tokenizer, item.left.substr(end));
  ids.push_back(tokenizer.kilm_tokens().ent_desc);
  return ids;
}

// Adds the text behind the slot and, separated by <sep>, the parts of a fact. A tokenizer without this token takes its
// name as text.
void add_after(Ids& ids, const Tokenizer& tokenizer, std::string text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    if (tokenizer.has_kilm_tokens()) {
      add(ids, tokenizer, text + " ");
      ids.push_back(tokenizer.kilm_tokens().sep);
      text.clear();
    } else {
      text += " <sep>";
    }
    text += " " + part;
  }
  add(ids, tokenizer, text);
}

std::vector<std::string> parts_of(const evaluation::AppositiveFact& fact) {
  std::vector<std::string> parts = {fact.property + " " + fact.value};
  if (!fact.qualifier.empty()) parts.push_back(fact.qualifier);
  return parts;
}

}  // namespace

const char* name(PromptStyle style) {
  switch (style) {
    case PromptStyle::kilm: return "kilm";
    case PromptStyle::bart: return "bart";
  }
  base::fail("prompt: no such value");
}

AppositivePrompt appositive_prompt(const Tokenizer& tokenizer, const Appositive& item, const PromptOptions& options) {
  AppositivePrompt prompt;
  prompt.after = behind_space(item.right) + behind_space(item.next);
  const Ids before = before_mask(tokenizer, item, options.style);
  Ids after, only_text;
  add(only_text, tokenizer, prompt.after);
  const bool has_fact = options.facts && item.fact;
  add_after(after, tokenizer, prompt.after, has_fact ? parts_of(*item.fact) : std::vector<std::string>{});

  const int64_t room_before = std::max<int64_t>(0, options.max_source / 2 - 2);  // of <s> and <mask>
  Ids& source = prompt.source;
  source = {tokenizer.bos()};
  source.insert(source.end(), before.end() - std::min(std::ssize(before), room_before), before.end());
  prompt.prefix = {tokenizer.eos()};
  prompt.prefix.insert(prompt.prefix.end(), source.begin(), source.end());
  source.push_back(tokenizer.mask());
  if (options.style == PromptStyle::kilm) source.push_back(tokenizer.kilm_tokens().ent_desc_end);
  const int64_t room_after = std::max<int64_t>(0, options.max_source - std::ssize(source) - 1);  // of </s>
  source.insert(source.end(), after.begin(), after.begin() + std::min(std::ssize(after), room_after));
  source.push_back(tokenizer.eos());
  prompt.after_tokens = std::min(std::ssize(only_text), room_after);
  return prompt;
}

}  // namespace kilm::appositives
