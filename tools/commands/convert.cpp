// `kilm convert`: a Hugging Face folder from whatever a model can be read from.
#include <cstdio>
#include <filesystem>

#include "kilm/bart/folder.h"
#include "kilm/bart/not_finite.h"
#include "kilm/job/manifest.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tools/commands.h"

namespace tools {

namespace {

namespace fs = std::filesystem;

constexpr tensor::DType kDTypes[] = {tensor::DType::f32, tensor::DType::bf16};

struct Arguments {
  std::string in, out;
  tensor::DType dtype = tensor::DType::f32;
};

void declare(Options& options, Arguments& a) {
  options.add("IN", a.in, "a model folder, a checkpoint, or a run folder: its best checkpoint");
  options.add("OUT", a.out, "the new model folder");
  options.add("--dtype TYPE", a.dtype, kDTypes, "of the weights that are written");
}

// Warns of weights that are not finite. They are written all the same: a folder may be looked at, whatever became of
// them.
void warn_of_not_finite(kilm::bart::BartFolder& folder) {
  std::vector<tensor::NamedTensor> weights = nn::state(folder.model);
  weights.insert(weights.end(), folder.head.begin(), folder.head.end());
  for (const kilm::bart::NotFinite& found : kilm::bart::not_finite(weights))
    std::fprintf(stderr, "kilm convert: %s: %s\n", folder.path.c_str(), kilm::bart::to_text(found).c_str());
}

int run(const Arguments& a) {
  base::check<base::UsageError>(!fs::exists(a.out), "{}: exists already", a.out);
  const std::string in = kilm::bart::model_folder(a.in);
  const fs::path checkpoint = fs::path(in).parent_path();
  if (in.ends_with("/model") && fs::exists(checkpoint / "manifest.json"))
    kilm::job::verify_manifest(checkpoint.string());
  kilm::bart::BartFolder folder = kilm::bart::load_bart(in, a.dtype, kilm::bart::Head::wanted);
  warn_of_not_finite(folder);
  base::AtomicDirectory directory(a.out);
  kilm::bart::save_bart(directory.temporary(), folder.model, folder.tokenizer, folder.generation_config, folder.head);
  directory.commit();
  std::printf("%s: %lld weights from %s\n", a.out.c_str(), static_cast<long long>(nn::parameter_count(folder.model)),
              in.c_str());
  return 0;
}

}  // namespace

Command convert() {
  return command<Arguments>("convert", "writes a model as a folder that Transformers opens",
                            "kilm convert RUN bart-with-knowledge\n"
                            "kilm convert RUN/ckpt/step-00001000 half --dtype bf16",
                            declare, run);
}

}  // namespace tools
