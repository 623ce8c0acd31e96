// `kilm trie`: titles that generation can be held to.
#include <cstdio>

#include "kilm/dataset/prepared_data.h"
#include "kilm/dataset/record_file.h"
#include "kilm/generation/trie.h"
#include "tensor/base/lines.h"
#include "tools/commands.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

struct Arguments {
  std::string titles, tokenizer, out;
  bool force = false;
};

void declare(Options& options, Arguments& a) {
  options.add("TITLES", a.titles, "text file with a title on each line; - is standard input");
  options.add("--tokenizer DIR", a.tokenizer, "folder with the tokenizer's files, a model folder for example")
      .required();
  options.add("-o,--out FILE", a.out, "the trie to write, named .kdt by custom").required();
  declare_force(options, a.force);
}

// Reads the titles, each as it follows <ent_desc>, with a space in front.
std::vector<std::vector<int32_t>> read_titles(const std::string& path, const kilm::tokenizer::Tokenizer& tokenizer) {
  std::vector<std::vector<int32_t>> titles;
  base::Lines lines(path);
  while (lines.next())
    if (!lines.text().empty()) titles.push_back(tokenizer.encode(lines.text(), {.prefix_space = true}));
  return titles;
}

bool is_trie(const std::string& path) { return kilm::dataset::record_kind(path) == kilm::dataset::RecordKind::trie; }

int run(const Arguments& a) {
  check_output_file("--out", a.out, a.force, is_trie);
  kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(a.tokenizer);
  auto titles = read_titles(a.titles, tokenizer);
  const size_t count = titles.size();
  const int64_t nodes =
      kilm::generation::write_trie(a.out, std::move(titles), kilm::dataset::fingerprint_with_kilm_tokens(tokenizer));
  std::printf("%s: %zu titles, %lld nodes\n", a.out.c_str(), count, static_cast<long long>(nodes));
  return 0;
}

}  // namespace

Command trie() {
  return command<Arguments>("trie", "writes a file of titles that generation can be held to",
                            "kilm trie titles.txt --tokenizer bart-base --out titles.kdt\n"
                            "kilm generate --model bart-base --batch batch.json --trie titles.kdt --json",
                            declare, run);
}

}  // namespace tools
