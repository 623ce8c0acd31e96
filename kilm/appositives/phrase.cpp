#include "kilm/appositives/phrase.h"

#include <algorithm>
#include <vector>

#include "kilm/evaluation/describe.h"
#include "kilm/text/unicode.h"

namespace kilm::appositives {

namespace {

using Ids = std::span<const int32_t>;

constexpr size_t kCharacters = 10;  // by which the text behind a slot is known

Ids up_to(Ids ids, int32_t end) { return ids.first(size_t(std::ranges::find(ids, end) - ids.begin())); }

Ids behind_last(Ids ids, int32_t mark) {
  const auto last = std::find(ids.rbegin(), ids.rend(), mark).base();  // one behind it, or the beginning
  return {last, ids.end()};
}

std::string_view first_characters(std::string_view text, size_t n) {
  size_t at = 0;
  while (n-- > 0 && at < text.size()) at += text::utf8_length(static_cast<unsigned char>(text[at]));
  return text.substr(0, at);
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (size_t at; (at = text.find(from)) != text.npos; text.remove_prefix(at + from.size()))
    out.append(text.substr(0, at)).append(to);
  return out.append(text);
}

// Returns what comes before the text behind the slot, of a model that goes on with it.
std::string before_rest(const tokenizer::Tokenizer& tokenizer, const AppositivePrompt& prompt, Ids generated) {
  const std::string said = cleaned_up(evaluation::phrase_of(tokenizer, generated)), after = cleaned_up(prompt.after);
  const std::string_view known_by = first_characters(after, kCharacters);
  if (known_by.empty()) return said;
  const size_t at = said.find(known_by);
  if (at != said.npos) return said.substr(0, at);
  const size_t rest = std::min(generated.size(), size_t(prompt.after_tokens));
  return evaluation::phrase_of(tokenizer, generated.first(generated.size() - rest));
}

}  // namespace

std::string cleaned_up(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kReplaced[] = {
      {" .", "."},     {" ?", "?"},   {" !", "!"},   {" ,", ","},     {" ' ", "'"},
      {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  std::string clean(text);
  for (const auto& [from, to] : kReplaced) clean = replaced(clean, from, to);
  return std::string(text::stripped(clean));
}

std::string comparable(std::string_view phrase) {
  const std::string clean = cleaned_up(phrase);
  return clean.empty() ? kEmpty : clean;
}

std::string phrase_of(const tokenizer::Tokenizer& tokenizer, const AppositivePrompt& prompt, PromptStyle style,
                      Ids generated) {
  generated = up_to(generated, tokenizer.eos());
  if (tokenizer.has_kilm_tokens()) {
    generated = up_to(generated, tokenizer.kilm_tokens().ent_desc_end);
    generated = behind_last(generated, tokenizer.kilm_tokens().sep);
  }
  if (style == PromptStyle::kilm) return comparable(evaluation::phrase_of(tokenizer, generated));
  return comparable(before_rest(tokenizer, prompt, generated));
}

}  // namespace kilm::appositives
