// A tokenizer of bytes, a model of a few thousand weights and a dozen windows: small enough to train in milliseconds.
#pragma once

#include <filesystem>
#include <string>

#include "kilm/bart/folder.h"
#include "kilm/packing.h"
#include "kilm/train_config.h"
#include "kilm/window.h"

namespace toy {

// A folder of this process that goes with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

kilm::Tokenizer tokenizer(bool with_kilm_tokens = true);  // ids 4 to 259 are the bytes
kilm::BartConfig bart_config();                           // d_model 16, one layer each, the toy tokenizer's vocabulary
kilm::BartFolder bart(uint64_t seed = 1, double dropout = 0.1);
// `count` different sentences; all but every fifth mention an entity.
kilm::WindowSet windows(int64_t count = 12);
// Few short steps on the toy data, without schedule, evaluations and intermediate checkpoints.
kilm::TrainConfig train_config();

// The bytes of every parameter, moment and buffer, to compare with ==.
std::string bytes_of(kilm::Bart& model);
std::string bytes_of(const tensor::Tensor& tensor);

}  // namespace toy
