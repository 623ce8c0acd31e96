#include "kilm/training/run_difference.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kilm/training/run_log.h"
#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tensor/format.h"
#include "tensor/io/safetensors.h"

namespace kilm::training {

namespace {

using base::format;
using base::Json;
using Difference = std::optional<std::string>;

Difference in_tensors(const std::string& path, const std::string& other, const std::string& name) {
  const auto a = tensor::SafetensorsFile::open(path), b = tensor::SafetensorsFile::open(other);
  for (const std::string& tensor : a.names()) {
    if (!b.contains(tensor)) return format("{}: {} is in one only", name, tensor);
    const tensor::Tensor x = a.tensor(tensor), y = b.tensor(tensor);
    if (x.dtype() != y.dtype() || x.shape() != y.shape())
      return format("{}: {} is {} {} and {} {}", name, tensor, x.dtype(), x.shape(), y.dtype(), y.shape());
    if (std::memcmp(x.bytes_data(), y.bytes_data(), x.bytes()) != 0) return format("{}: {} differs", name, tensor);
  }
  if (a.names().size() != b.names().size()) return name + ": one has more tensors than the other";
  return {};
}

std::vector<std::string> log_of(const std::string& run) {
  std::vector<std::string> lines;
  for (const LogRecord& record : read_run_log(run + "/log.jsonl")) lines.push_back(timeless(record).dump());
  return lines;
}

Difference in_logs(const std::string& run, const std::string& other) {
  const std::vector<std::string> a = log_of(run), b = log_of(other);
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (a[i] != b[i]) return format("log.jsonl: line {} is {} and {}", i + 1, a[i], b[i]);
  if (a.size() != b.size()) return format("log.jsonl: {} and {} lines", a.size(), b.size());
  return {};
}

std::string latest(const std::string& run) {
  std::string step = base::read_file(run + "/ckpt/latest");
  while (!step.empty() && step.back() == '\n') step.pop_back();
  return step;
}

}  // namespace

Difference first_difference(const std::string& run, const std::string& other) {
  const std::string step = latest(run);
  if (step != latest(other)) return format("ckpt/latest: {} and {}", step, latest(other));
  const std::string a = run + "/ckpt/" + step + "/", b = other + "/ckpt/" + step + "/";
  for (const char* name : {"model/model.safetensors", "optim-rank0.safetensors"})
    if (const Difference difference = in_tensors(a + name, b + name, name)) return difference;
  const std::string state = "state.json";
  const Json x = base::read_json_file(a + state), y = base::read_json_file(b + state);
  if (!(x == y)) return format("{}: {} and {}", state, x.dump(), y.dump());
  return in_logs(run, other);
}

}  // namespace kilm::training
