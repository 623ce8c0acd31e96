#include "kilm/evaluation/readers/clozes.h"

#include <filesystem>

#include "tensor/base/format.h"

namespace kilm::evaluation {

namespace {

using base::check;
using base::Json;

constexpr std::string_view kMask = "[MASK]", kSubject = "[X]", kObject = "[Y]";

// Cuts a text at its only `mark`.
MaskedSentence cut_at(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  const bool once = at != text.npos && text.find(mark, at + mark.size()) == text.npos;
  check(once, "\"{}\" should have {} once", text, mark);
  return {std::string(text.substr(0, at)), std::string(text.substr(at + mark.size()))};
}

// Returns the first sentence of the list under `key`, or nothing if there is no such list or nothing in it.
std::optional<MaskedSentence> first_sentence_at(const Json& line, std::string_view key) {
  if (!line.find(key)) return std::nullopt;
  return base::entry_at(line, key, [](const Json& list) -> std::optional<MaskedSentence> {
    if (list.items().empty()) return std::nullopt;
    return cut_at(list.items().front().as_string(), kMask);
  });
}

std::string with_subject(std::string_view text, std::string_view subject) {
  std::string out;
  for (size_t at; (at = text.find(kSubject)) != text.npos; text.remove_prefix(at + kSubject.size()))
    out.append(text.substr(0, at)).append(subject);
  return out.append(text);
}

MaskedSentence with_subject(const MaskedSentence& sentence, std::string_view subject) {
  return {with_subject(sentence.left, subject), with_subject(sentence.right, subject)};
}

MaskedSentence template_at(const Json& line, std::string_view key) {
  return base::entry_at(line, key, [](const Json& text) {
    check(text.as_string().find(kSubject) != std::string::npos, "\"{}\" should have {}", text.as_string(), kSubject);
    return cut_at(text.as_string(), kObject);
  });
}

const std::string& name_at(const Json& line, std::string_view key) {
  const std::string& name = base::string_at(line, key);
  check(!name.empty(), "{}: should not be empty", key);
  return name;
}

}  // namespace

ClozeTemplates::Template ClozeTemplates::read(const Json& line) {
  Template one{template_at(line, "template"), std::nullopt};
  if (line.find("template_negated")) one.negated = template_at(line, "template_negated");
  return one;
}

ClozeTemplates::ClozeTemplates(const std::string& path) {
  base::JsonLines lines(path);
  const auto add = [&](const Json& line) {
    const std::string& relation = name_at(line, "relation");
    check(templates_.emplace(relation, read(line)).second, "relation {} has a template already", relation);
    return true;
  };
  while (lines.next(add)) continue;
  check<base::DamagedInput>(!templates_.empty(), "{}: there is no line", lines.source());
}

bool ClozeTemplates::fill(Cloze& cloze) const {
  const auto found = templates_.find(cloze.relation);
  if (found == templates_.end()) return false;
  const auto& [sentence, negated] = found->second;
  cloze.sentence = with_subject(sentence, cloze.subject);
  if (negated) cloze.negated = with_subject(*negated, cloze.subject);
  return true;
}

ClozeReader::ClozeReader(const std::string& path, const ClozeTemplates& templates)
    : lines_(path), templates_(templates), stem_(std::filesystem::path(path).stem().string()) {}

std::optional<Cloze> ClozeReader::next() {
  std::optional<Cloze> cloze = lines_.next([this](const Json& line) { return read(line); });
  check<base::DamagedInput>(cloze || any_, "{}: there is no line", lines_.source());
  any_ = true;
  return cloze;
}

Cloze ClozeReader::read(const Json& line) const {
  Cloze cloze{.relation = line.find("predicate_id") ? name_at(line, "predicate_id") : stem_,
              .subject = base::string_at(line, "sub_label"),
              .object = name_at(line, "obj_label"),
              .sentence = {},
              .negated = std::nullopt};
  if (const auto sentence = first_sentence_at(line, "masked_sentences"))
    cloze.sentence = *sentence;
  else
    check(templates_.fill(cloze), "there is no masked_sentences, and no template of relation {}", cloze.relation);
  const Json* negated = line.find("negated");  // which may be anything in files of others
  const bool has_negated = negated != nullptr && negated->is_array();
  auto sentence = first_sentence_at(line, "masked_negations");
  if (!sentence && has_negated) sentence = first_sentence_at(line, "negated");
  if (sentence) cloze.negated = sentence;
  return cloze;
}

}  // namespace kilm::evaluation
