#include "kilm/training/show_batch.h"

#include "tensor/base/format.h"

namespace kilm::training {

namespace {

using base::format;
using base::Json;

using Ids = std::vector<int32_t>;

// The rows of sequence `i`.
Ids sequence(const Ids& ids, std::span<const int32_t> starts, size_t i) {
  return {ids.begin() + starts[i], ids.begin() + starts[i + 1]};
}

struct Shown {
  Ids source, decoder_input, target;
  std::vector<objective::Group> groups;
  bool plain;
};

std::vector<Shown> sequences_of(const batching::MicroBatch& micro) {
  const Ids source = micro.source.ids.tensor().to_vector<int32_t>();
  const Ids input = micro.target.ids.tensor().to_vector<int32_t>();
  const Ids labels = micro.labels.tensor().to_vector<int32_t>();
  const std::span<const int32_t> sources = micro.source.sequences.offsets(), targets = micro.target.sequences.offsets();
  std::vector<Shown> all;
  for (size_t i = 0; i + 1 < sources.size(); ++i)
    all.push_back({sequence(source, sources, i),
                   sequence(input, targets, i),
                   sequence(labels, targets, i),
                   {micro.groups.begin() + targets[i], micro.groups.begin() + targets[i + 1]},
                   micro.plain[size_t(targets[i])]});
  return all;
}

Json ids_json(const Ids& ids) { return Json::array(Json::Array(ids.begin(), ids.end())); }

Json texts_json(const Ids& ids, const tokenizer::Tokenizer& tokenizer) {
  Json texts = Json::array();
  for (const int32_t id : ids) texts.push_back(tokenizer.decode({id}));
  return texts;
}

Json sequence_json(const Shown& shown, const tokenizer::Tokenizer& tokenizer) {
  Json groups = Json::array();
  for (const objective::Group group : shown.groups) groups.push_back(objective::kGroupNames[size_t(group)]);
  return Json::object({{"source", ids_json(shown.source)},
                       {"source_tokens", texts_json(shown.source, tokenizer)},
                       {"decoder_input", ids_json(shown.decoder_input)},
                       {"target", ids_json(shown.target)},
                       {"target_tokens", texts_json(shown.target, tokenizer)},
                       {"groups", groups},
                       {"plain", shown.plain}});
}

std::string text_of(const Ids& ids, const tokenizer::Tokenizer& tokenizer) {
  std::string text;
  for (const unsigned char c : tokenizer.decode(ids))
    text += c < 0x20 || c == 0x7f ? format("\\x{:02x}", c) : std::string(1, char(c));
  return text;
}

std::string marked(const std::string& text, objective::Group group, bool colour) {
  if (group == objective::Group::copy) return text;
  const bool infill = group == objective::Group::infill;
  if (colour) return format("\033[{}m{}\033[0m", infill ? 33 : 36, text);
  return format("[{}: {}]", infill ? "i" : "k", text);
}

std::string target_text(const Shown& shown, const tokenizer::Tokenizer& tokenizer, bool colour) {
  std::string text;
  for (size_t begin = 0, end; begin < shown.target.size(); begin = end) {
    for (end = begin + 1; end < shown.target.size() && shown.groups[end] == shown.groups[begin];) ++end;
    const Ids run(shown.target.begin() + ptrdiff_t(begin), shown.target.begin() + ptrdiff_t(end));
    text += marked(text_of(run, tokenizer), shown.groups[begin], colour);
  }
  return text;
}

}  // namespace

Json to_json(const StepBatch& batch, const tokenizer::Tokenizer& tokenizer) {
  Json weights = Json::object(), counts = Json::object(), micros = Json::array();
  for (size_t g = 0; g < objective::kGroups; ++g) {
    weights.set(objective::kGroupNames[g], batch.weights[g]);
    counts.set(objective::kGroupNames[g], batch.counts[g]);
  }
  for (const batching::MicroBatch& micro : batch.micros) {
    Json sequences = Json::array();
    for (const Shown& shown : sequences_of(micro)) sequences.push_back(sequence_json(shown, tokenizer));
    micros.push_back(Json::object({{"sequences", sequences}}));
  }
  return Json::object({{"weights", weights}, {"counts", counts}, {"micro_batches", micros}});
}

std::string to_text(const StepBatch& batch, const tokenizer::Tokenizer& tokenizer, bool colour) {
  std::string out;
  for (size_t g = 0; g < objective::kGroups; ++g)
    out += format("{:<18} {:>8} tokens, each weighs {:.4g}\n",
                  marked(objective::kGroupNames[g], objective::Group(g), colour), batch.counts[g], batch.weights[g]);
  for (size_t m = 0; m < batch.micros.size(); ++m) {
    const std::vector<Shown> sequences = sequences_of(batch.micros[m]);
    for (size_t i = 0; i < sequences.size(); ++i) {
      const Shown& shown = sequences[i];
      out += format("\nmicro-batch {} of {}, sequence {} of {}: {} source and {} target tokens{}\n", m + 1,
                    batch.micros.size(), i + 1, sequences.size(), shown.source.size(), shown.target.size(),
                    shown.plain ? ", of the plain stream" : "");
      out += "  source  " + text_of(shown.source, tokenizer) + "\n";
      out += "  target  " + target_text(shown, tokenizer, colour) + "\n";
    }
  }
  return out;
}

}  // namespace kilm::training
