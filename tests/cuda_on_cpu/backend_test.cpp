#include "tensor/cuda/backend.h"

#include <cstdlib>
#include <string>

#include "tensor/runtime.h"
#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;
using tensor::Device;
using tensor::DeviceType;

namespace {

// Lists the place of each kernel that the table lacks, counted in its fields.
template <class Table>
std::string null_fields(const Table& table) {
  std::string list;
  const auto* field = reinterpret_cast<void (*const*)()>(&table);
  for (size_t i = 0; i < sizeof table / sizeof *field; ++i)
    if (field[i] == nullptr) list += " " + std::to_string(i);
  return list;
}

}  // namespace

TEST_CASE("no kernel is missing in the tables of cuda") {
  const tensor::Backend& backend = tensor::cuda::backend();
#define KILM_CHECK_FAMILY(name, Type) \
  CHECK_MESSAGE(null_fields(*backend.name) == "", #name " lacks the fields" << null_fields(*backend.name));
  KILM_FAMILIES(KILM_CHECK_FAMILY)
#undef KILM_CHECK_FAMILY
  CHECK(null_fields(*backend.runtime) == "");
}

TEST_CASE("what is missing to use a GPU is named, with what there is") {
  using tensor::cuda::check_driver;
  check_driver();
  {
    const WithOptions with({.driver = 0});
    CHECK_THROWS_WITH_AS(check_driver(),
                         "cuda: no NVIDIA driver was found: the loader has no libcuda.so.1; this program needs a "
                         "driver for CUDA 13.0 or "
                         "newer. Install it; a container gets that of its host when it is started with --gpus all",
                         base::UsageError);
  }
  {
    const WithOptions with({.driver = 12040});
    CHECK_THROWS_WITH_AS(check_driver(),
                         "cuda: the NVIDIA driver is for CUDA 12.4; this program needs one for CUDA 13.0 or newer. "
                         "Install a newer driver, or build this program with the toolkit of CUDA 12.4",
                         base::UsageError);
  }
  {
    const WithOptions with({.devices = 0});
    const std::string none = "cuda: the NVIDIA driver, for CUDA 13.0, shows no device; ";
    unsetenv("CUDA_VISIBLE_DEVICES");
    CHECK_THROWS_WITH_AS(
        check_driver(),
        (none + "nvidia-smi should list one; a container gets it when it is started with --gpus all").c_str(),
        base::UsageError);
    setenv("CUDA_VISIBLE_DEVICES", "-1", 1);
    CHECK_THROWS_WITH_AS(check_driver(),
                         (none + "CUDA_VISIBLE_DEVICES, which is \"-1\", may hide it: unset it").c_str(),
                         base::UsageError);
    unsetenv("CUDA_VISIBLE_DEVICES");
  }
  const WithOptions with({.devices = 2, .capability = 75});
  CHECK_THROWS_WITH_AS(tensor::runtime({DeviceType::cuda, 1}),
                       "cuda:1: emulated device 1 has compute capability 7.5; this program needs 8.0 (Ampere) or newer",
                       base::UsageError);
  CHECK_THROWS_WITH_AS(tensor::runtime({DeviceType::cuda, 2}),
                       "cuda:2: this machine has 2 cuda devices, cuda:0 to cuda:1", base::UsageError);
}
