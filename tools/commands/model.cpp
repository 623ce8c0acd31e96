#include "tools/commands/model.h"

#include "tensor/runtime.h"

namespace tools {

void declare_device(Options& options, tensor::Device& device) {
  options.add("--device DEVICE", device, "what computes: cpu, cuda or cuda:N");
}

kilm::bart::BartFolder load_model(const std::string& folder_or_run, tensor::Device device, tensor::DType dtype) {
  tensor::runtime(device);
  kilm::bart::BartFolder folder = kilm::bart::load_bart(kilm::bart::verified_model_folder(folder_or_run), dtype);
  nn::move(folder.model, device);
  return folder;
}

}  // namespace tools
