// `kilm init`: a model with random weights, to train from nothing.
#include <cstdio>
#include <filesystem>

#include "kilm/bart/folder.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tools/commands.h"

namespace tools {

namespace {

struct InitArguments {
  std::string config, tokenizer, out;
  int64_t seed = 42;
};

void declare_init(Options& options, InitArguments& arguments) {
  options.add("--config FILE", arguments.config, "BART's config.json; vocab_size may be left out").required();
  options.add("--tokenizer DIR", arguments.tokenizer, "folder with vocab.json and merges.txt").required();
  options.add("-o,--out DIR", arguments.out, "the new model folder; what is there already is not written over")
      .required();
  options.add("--seed N", arguments.seed, "of the weights");
}

int run_init(const InitArguments& arguments) {
  base::check<base::UsageError>(
      !std::filesystem::exists(arguments.out) ||
          (std::filesystem::is_directory(arguments.out) && std::filesystem::is_empty(arguments.out)),
      "{}: exists already", arguments.out);
  kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(arguments.tokenizer);
  base::Json json = base::read_json_file(arguments.config);
  if (json.is_object() && !json.find("vocab_size")) json.set("vocab_size", tokenizer.size());
  kilm::bart::BartFolder folder = kilm::bart::new_bart(kilm::bart::parse_bart_config(json, arguments.config),
                                                       std::move(tokenizer), uint64_t(arguments.seed));

  std::filesystem::remove(arguments.out);
  base::AtomicDirectory directory(arguments.out);
  kilm::bart::save_bart(directory.temporary(), folder.model, folder.tokenizer, folder.generation_config);
  directory.commit();
  std::printf("%s: %lld weights, %lld tokens\n", arguments.out.c_str(),
              static_cast<long long>(nn::parameter_count(folder.model)),
              static_cast<long long>(folder.tokenizer->size()));
  return 0;
}

}  // namespace

Command init() {
  return command<InitArguments>("init", "makes a model with random weights and the KILM tokens",
                                "kilm init --config config.json --tokenizer tokenizer --out model", declare_init,
                                run_init);
}

}  // namespace tools
