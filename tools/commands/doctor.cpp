// `kilm doctor`: whether training would start on a device, and what is missing if it would not.
#include <algorithm>
#include <cstdio>

#include "tensor/base/json.h"
#include "tensor/cuda/survey.h"
#include "tensor/format.h"
#include "tensor/ops/matmul.h"
#include "tools/commands.h"

namespace tools {

namespace {

using base::format;
using base::Json;
using tensor::Device;
using tensor::DeviceInfo;
using tensor::DeviceType;
using tensor::Tensor;
using tensor::cuda::Survey;

struct Arguments {
  Device device{DeviceType::cuda, 0};
  bool json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("--device DEVICE", a.device, "what should compute: cpu, cuda or cuda:N");
  options.add("--json", a.json, "print one JSON object");
}

Survey survey() {
#ifdef KILM_CUDA
  return tensor::cuda::survey();
#else
  return {};
#endif
}

// Does in small what training does first: takes memory, computes there, and reads the result.
void try_device(Device device) {
  constexpr int64_t kSize = 64;
  const Tensor ones = Tensor::full({kSize, kSize}, 1, tensor::DType::f32, device);
  const std::vector<float> product = tensor::matmul(ones, ones).to(Device()).to_vector<float>();
  base::check(std::count(product.begin(), product.end(), float(kSize)) == kSize * kSize,
              "{}: it computes wrong numbers: a product of ones is {}, not {}", device, product[0], kSize);
}

// Lists what is in the way of training on `device`, the one that was asked for.
std::vector<std::string> problems_of(Device device, const Survey& found) {
  std::vector<std::string> problems;
  if (device.type == DeviceType::cuda) problems = found.problems;
  try {
    try_device(device);
  } catch (const base::Error& error) {
    if (std::find(problems.begin(), problems.end(), error.what()) == problems.end()) problems.push_back(error.what());
  }
  return problems;
}

std::string capability(const DeviceInfo& device) {
  return format("{}.{}", device.capability_major, device.capability_minor);
}

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_json(const Survey& found, const std::vector<std::string>& problems) {
  Json blas, devices = Json::array(), texts = Json::array();
  if (!found.blas.version.empty()) blas = Json::object({{"version", found.blas.version}, {"path", found.blas.path}});
  for (const DeviceInfo& device : found.devices)
    devices.push_back(Json::object({{"name", device.name},
                                    {"capability", capability(device)},
                                    {"free_bytes", uint64_t(device.memory_free)},
                                    {"total_bytes", uint64_t(device.memory_total)}}));
  for (const std::string& problem : problems) texts.push_back(problem);
  return Json::object({{"ok", problems.empty()},
                       {"driver", text_or_null(found.driver)},
                       {"runtime", text_or_null(found.runtime)},
                       {"cublaslt", blas},
                       {"nccl", Json()},
                       {"devices", devices},
                       {"problems", texts}});
}

std::string to_text(Device device, const Survey& found, const std::vector<std::string>& problems) {
  const auto line = [](const char* name, const std::string& value) {
    return format("{:<10}{}\n", name, value.empty() ? "none" : value);
  };
  std::string out = line("driver", found.driver.empty() ? "" : "for CUDA " + found.driver);
  out += line("runtime", found.runtime.empty() ? "" : "CUDA " + found.runtime);
  out += line("cuBLASLt", found.blas.version.empty() ? "" : found.blas.version + ", " + found.blas.path);
  if (found.devices.empty()) out += line("devices", "");
  for (size_t i = 0; i < found.devices.size(); ++i) {
    const DeviceInfo& d = found.devices[i];
    out += line(format("cuda:{}", i).c_str(), format("{}, compute capability {}, {:.1f} of {:.1f} GB free", d.name,
                                                     capability(d), d.memory_free / 1e9, d.memory_total / 1e9));
  }
  for (const std::string& problem : problems) out += line("problem", problem);
  return out + format("Training on {} would{} start.\n", device, problems.empty() ? "" : " not");
}

int run(const Arguments& a) {
  const Survey found = survey();
  const std::vector<std::string> problems = problems_of(a.device, found);
  const std::string text = a.json ? to_json(found, problems).dump() + "\n" : to_text(a.device, found, problems);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return problems.empty() ? 0 : 2;
}

}  // namespace

Command doctor() {
  return command<Arguments>("doctor", "tells whether training would start on a device, and what is missing",
                            "kilm doctor\n"
                            "kilm doctor --device cuda:1 --json",
                            declare, run);
}

}  // namespace tools
