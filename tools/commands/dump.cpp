// `kilm dump`: what a model computes for a batch, as a safetensors file.
#include <cstdio>
#include <iostream>
#include <iterator>

#include "kilm/exchange/forward_tensors.h"
#include "tools/commands.h"
#include "tools/commands/model.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

using base::Json;

constexpr tensor::DType kDTypes[] = {tensor::DType::f32, tensor::DType::f64, tensor::DType::bf16};

struct Arguments {
  std::string model, batch, out, taps;
  tensor::DType dtype = tensor::DType::f32;
  tensor::Device device = {};
  bool grads = false, force = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--model DIR", a.model, "a model folder, or a run folder: its best checkpoint").required();
  options.add("--batch BATCH", a.batch, "JSON object with input_ids, labels, ...; - is standard input").required();
  options.add("-o,--out FILE", a.out, "the safetensors file to write").required();
  options.add("--grads", a.grads, "the gradient of every parameter, too");
  options.add("--taps GLOB", a.taps, "outputs of the modules with such names, too: 'model.encoder.layers.*'");
  declare_force(options, a.force);
  options.add("--dtype TYPE", a.dtype, kDTypes, "what to compute in");
  declare_device(options, a.device);
}

Json read_batch(const std::string& path) {
  if (path != "-") return base::read_json_file(path);
  return base::parse_json(std::string(std::istreambuf_iterator<char>(std::cin), {}), "standard input");
}

// Tells whether a file is a dump: no model has a tensor of this name.
bool is_dump(const std::string& path) { return tensor::SafetensorsFile::open(path).contains("logits"); }

int run(const Arguments& a) {
  check_output_file("--out", a.out, a.force, is_dump);
  const Json json = read_batch(a.batch);
  kilm::bart::BartFolder folder = load_model(a.model, a.device, a.dtype);
  const kilm::exchange::Batch batch =
      kilm::exchange::parse_batch(json, folder.model.config, a.batch == "-" ? "standard input" : a.batch, a.device);
  const auto tensors = kilm::exchange::step_tensors(folder.model, batch, {.grads = a.grads, .taps = a.taps});
  tensor::write_safetensors(a.out, tensors);
  std::printf("%s: %zu tensors\n", a.out.c_str(), tensors.size());
  return 0;
}

}  // namespace

Command dump() {
  return command<Arguments>("dump", "writes logits, losses, gradients and activations of one batch",
                            "kilm dump --model bart-base --batch batch.json --out step.safetensors --grads\n"
                            "kilm dump --model RUN --batch - --out step.safetensors --taps '*.self_attn' --dtype f64",
                            declare, run);
}

}  // namespace tools
