// For tests of the emulation itself: memory and a stream of its device, used as the runtime API has it.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "tensor/base/scoped.h"
#include "tensor/cuda/kernel.cuh"
#include "tests/cuda_emulation/emulation.h"

namespace tests {

using cuda_emulation::Options;
using cuda_emulation::Order;
using tensor::cuda::launch;
using tensor::cuda::shared_memory;

inline void succeed(cudaError_t error) { REQUIRE_MESSAGE(error == cudaSuccess, cudaGetErrorString(error)); }

// A stream, whose device becomes that of the thread.
class Queue {
 public:
  explicit Queue(int device = 0) {
    succeed(cudaSetDevice(device));
    succeed(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  }
  ~Queue() { cudaStreamDestroy(stream_); }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_;
};

// Numbers on the device.
template <class T>
class Array {
 public:
  explicit Array(size_t n) : n_(n) { succeed(cudaMalloc(reinterpret_cast<void**>(&data_), n * sizeof(T))); }
  Array(const std::vector<T>& values, cudaStream_t stream) : Array(values.size()) {
    succeed(cudaMemcpyAsync(data_, values.data(), n_ * sizeof(T), cudaMemcpyHostToDevice, stream));
  }
  ~Array() { cudaFree(data_); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  operator T*() const { return data_; }
  std::vector<T> values(cudaStream_t stream) const {
    std::vector<T> values(n_);
    succeed(cudaMemcpyAsync(values.data(), data_, n_ * sizeof(T), cudaMemcpyDeviceToHost, stream));
    return values;
  }

 private:
  size_t n_;
  T* data_ = nullptr;
};

// Options of one scope, which begin as those without KILM_EMULATION.
class WithOptions {
 public:
  explicit WithOptions(const Options& options) : scope_(cuda_emulation::options(), options) {}

 private:
  base::Scoped<Options> scope_;
};

// Returns every order, the random ones with some seeds.
inline std::vector<Options> all_orders() {
  std::vector<Options> result = {{.order = Order::forward}, {.order = Order::reverse}};
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    result.push_back({.order = Order::random, .seed = seed});
    result.push_back({.order = Order::greedy, .seed = seed});
  }
  return result;
}

// Returns what is wrong with `work`; "" if nothing is.
inline std::string fault_of(const std::function<void()>& work) {
  try {
    work();
    succeed(cudaDeviceSynchronize());
  } catch (const cuda_emulation::Error& error) {
    return error.what();
  }
  return "";
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace tests
