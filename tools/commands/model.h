// The model of a command: where it is read from, and the device that it computes on.
#pragma once

#include <string>

#include "kilm/bart/folder.h"
#include "tools/command_line.h"

namespace tools {

// Adds --device.
void declare_device(Options& options, tensor::Device& device);

// Reads the model that --model names, whose files are verified, and brings it to the device. Throws UsageError where
// there is no such device, before anything is read.
kilm::bart::BartFolder load_model(const std::string& folder_or_run, tensor::Device device,
                                  tensor::DType dtype = tensor::DType::f32);

}  // namespace tools
