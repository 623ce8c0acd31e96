// `kilm trie`: titles that generation can be held to.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

#include "kilm/dataset/prepared_data.h"
#include "kilm/dataset/record_file.h"
#include "kilm/generation/trie.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tensor/base/git_lfs.h"
#include "tools/commands.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

using base::check;

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
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    check(file.is_open(), "{}: cannot be opened: {}", path, base::why_not_opened(path));
  }
  std::istream& in = path == "-" ? std::cin : file;
  const std::string name = path == "-" ? "standard input" : path;
  std::vector<std::vector<int32_t>> titles;
  for (std::string line; std::getline(in, line);) {
    if (titles.empty()) base::refuse_lfs_pointer(name, line);
    if (!line.empty()) titles.push_back(tokenizer.encode(line, {.prefix_space = true}));
  }
  check(!in.bad() && !(&in == &std::cin && std::ferror(stdin)), "{}: cannot be read: {}", name, std::strerror(errno));
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
