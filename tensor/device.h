// Names of what a computer has: devices, and on each of them streams of work, events in them, and recorded graphs.
// Plain C++, no formatting: safe for headers that CUDA files see.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tensor {

enum class DeviceType : uint8_t { cpu, cuda };

struct Device {
  DeviceType type = DeviceType::cpu;
  int index = 0;
  bool operator==(const Device&) const = default;
};

// Handles of a device; one device's mean nothing to another.
using StreamId = uint64_t;  // work that runs in the order in which it was queued; 0 is there from the start
using EventId = uint64_t;   // a point in the work of a stream
using GraphId = uint64_t;   // work that was recorded, to be run as a whole

const char* name(DeviceType type);            // "cpu", "cuda"
std::string to_string(const Device& device);  // "cpu", "cuda:0"

// Reads "cpu", "cuda" (the first of them) or "cuda:1". Throws UsageError on another text; whether there is such a
// device is for runtime() to say.
Device parse_device(std::string_view text);

}  // namespace tensor
