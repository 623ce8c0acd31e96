// A second device for tests, in the place of CUDA's: the CPU's kernels over memory of its own. What the host does to
// that memory outside of kernels and copies is a segmentation fault at the line that does it. So a test that passes on
// this device shows that no code takes a number of the device for one of the host.
#pragma once

#include "tensor/launch.h"

namespace tests {

// While it lives, there are the devices cuda:0 and cuda:1. Only one may live at a time, and its tensors no longer.
class SecondDevice {
 public:
  SecondDevice();
  ~SecondDevice();
  SecondDevice(const SecondDevice&) = delete;
  SecondDevice& operator=(const SecondDevice&) = delete;

  static constexpr tensor::Device device{tensor::DeviceType::cuda, 0};
  static constexpr tensor::Device other{tensor::DeviceType::cuda, 1};

  // Holds events: with true, no event has been reached until the next call.
  void hold_events(bool hold);
  tensor::StreamId last_read() const;  // the stream of the last copy to the host
  // Makes the n-th kernel from now on a DeviceFailure.
  void fail_kernel(int n);
  // Limits memory: there is no more than this.
  void limit_memory(size_t bytes);

 private:
  const tensor::LaunchObserver* before_;
};

}  // namespace tests
