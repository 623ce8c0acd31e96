// `kilm describe`: what a model knows of the entities that texts mention.
#include "kilm/evaluation/describe.h"

#include <cstdio>

#include "kilm/dataset/prepared_data.h"
#include "kilm/generation/trie.h"
#include "tensor/base/format.h"
#include "tensor/base/lines.h"
#include "tools/commands.h"
#include "tools/commands/model.h"

namespace tools {

namespace {

using base::format;
using base::Json;

struct Arguments {
  std::string model;
  std::vector<std::string> texts;
  std::optional<std::string> trie;
  int64_t num_beams = 4, num_return_sequences = 1;
  tensor::Device device = {};
  bool json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("TEXT", a.texts,
              "texts in which mentions are written [[surface]]; - reads one a line from standard input");
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--num-beams N", a.num_beams, "beams of the search, 1 is greedy");
  options.add("--num-return-sequences N", a.num_return_sequences, "descriptions of each mention, best first");
  options.add("--trie FILE", a.trie, "titles are those of this file, which kilm trie writes");
  declare_device(options, a.device);
  options.add("--json", a.json, "print one JSON object per mention");
}

std::vector<std::string> read_texts(const std::vector<std::string>& arguments) {
  std::vector<std::string> texts;
  for (const std::string& argument : arguments) {
    if (argument != "-") {
      texts.push_back(argument);
      continue;
    }
    base::Lines lines(argument);
    while (lines.next()) texts.push_back(lines.text());
  }
  return texts;
}

std::string json_line(const std::string& text, std::string_view mention,
                      const std::vector<kilm::evaluation::Description>& descriptions) {
  Json hypotheses = Json::array();
  for (const kilm::evaluation::Description& d : descriptions) {
    Json hypothesis = Json::object();
    hypothesis.set("title", d.title);
    hypothesis.set("description", d.description);
    hypothesis.set("score", d.score);
    hypotheses.push_back(hypothesis);
  }
  Json json = Json::object();
  json.set("text", text);
  json.set("mention", mention);
  json.set("hypotheses", hypotheses);
  return json.dump() + "\n";
}

std::string lines(std::string_view mention, const std::vector<kilm::evaluation::Description>& descriptions) {
  std::string out = format("{}\n", mention);
  for (const kilm::evaluation::Description& d : descriptions)
    out += format("  {:7.3f}  {}{}{}\n", d.score, d.title, d.title.empty() ? "" : ": ", d.description);
  return out;
}

int run(const Arguments& a) {
  const std::vector<std::string> texts = read_texts(a.texts);
  std::vector<kilm::evaluation::MarkedText> marked;
  for (const std::string& text : texts) marked.push_back(kilm::evaluation::parse_mentions(text));
  std::vector<kilm::evaluation::MentionQuery> queries;
  for (const kilm::evaluation::MarkedText& text : marked)
    for (const auto& [begin, end] : text.mentions) queries.push_back({text.text, begin, end});

  const kilm::bart::BartFolder folder = load_model(a.model, a.device);
  const kilm::tokenizer::Tokenizer& tokenizer = folder.text_tokenizer();
  const kilm::objective::InfillObjective objective(tokenizer,
                                                   kilm::evaluation::describe_objective(folder.model.config));
  kilm::generation::GenerateOptions options = kilm::evaluation::describe_options(tokenizer, folder.model.config);
  options.num_beams = a.num_beams;
  options.num_return_sequences = a.num_return_sequences;
  std::optional<kilm::generation::Trie> trie;
  if (a.trie) options.trie = &trie.emplace(*a.trie, kilm::dataset::fingerprint_with_kilm_tokens(tokenizer));
  const auto described = kilm::evaluation::describe(folder.model, objective, queries, options);

  auto next = described.begin();
  for (size_t i = 0; i < texts.size(); ++i)
    for (const auto& [begin, end] : marked[i].mentions) {
      const std::string mention = marked[i].text.substr(size_t(begin), size_t(end - begin));
      const std::string out = a.json ? json_line(texts[i], mention, *next) : lines(mention, *next);
      std::fwrite(out.data(), 1, out.size(), stdout);
      ++next;
    }
  return 0;
}

}  // namespace

Command describe() {
  return command<Arguments>("describe", "describes the entities that a text mentions",
                            "kilm describe --model RUN 'In 1903 [[Marie Curie]] received a prize.'\n"
                            "kilm describe --model RUN --json --num-return-sequences 3 - < texts.txt",
                            declare, run);
}

}  // namespace tools
