#include "tensor/cuda/survey.h"

#include "tests/cuda_on_cpu/on_device.h"

using namespace tests;
using tensor::cuda::Survey;
using tensor::cuda::survey;

TEST_CASE("a survey finds driver, runtime, cuBLASLt and every device") {
  const WithOptions with({.devices = 2, .capability = 86});
  const Survey found = survey();
  CHECK(found.driver == "13.0");
  CHECK(found.runtime == "13.0");
  CHECK(found.blas.version == "13.0.0");
  CHECK(found.problems.empty());
  REQUIRE(found.devices.size() == 2);
  CHECK(found.devices[1].name == "emulated device 1");
  CHECK(found.devices[1].capability_major * 10 + found.devices[1].capability_minor == 86);
  CHECK(found.devices[1].memory_free > 0);
}

TEST_CASE("a survey goes on behind what is missing") {
  const auto problems = [](const Options& options, size_t devices) {
    const WithOptions with(options);
    const Survey found = survey();
    CHECK(found.runtime == "13.0");
    CHECK(found.devices.size() == devices);
    std::string text;
    for (const std::string& problem : found.problems) text += problem + "|";
    return text;
  };
  CHECK(contains(problems({.driver = 0}, 0), "no NVIDIA driver was found"));
  CHECK(contains(problems({.driver = 12040}, 0), "the NVIDIA driver is for CUDA 12.4"));
  CHECK(contains(problems({.devices = 0}, 0), "shows no device"));
  CHECK(problems({.cublaslt = false}, 1) == "cuda: cuBLASLt was not found|");
  const std::string both = problems({.driver = 0, .cublaslt = false}, 0);
  CHECK(contains(both, "no NVIDIA driver"));
  CHECK(contains(both, "cuBLASLt"));
}

TEST_CASE("a survey says of a device that cannot be used why, and no other suffers") {
  const WithOptions with({.failure = cudaErrorECCUncorrectable, .failed = true});
  const Survey found = survey();
  REQUIRE(found.devices.size() == 1);
  CHECK(contains(found.devices[0].name, "uncorrectable ECC error encountered (214)"));
  CHECK(found.problems.empty());
}
