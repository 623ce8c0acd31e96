// Files as torch.save writes them: a zip archive of a pickle and the storages it names.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace torch_archive {

inline std::string little(uint64_t value, int width) { return {reinterpret_cast<const char*>(&value), size_t(width)}; }

inline std::string floats(std::vector<float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * 4};
}

struct Member {
  std::string name, bytes;
};

// Returns a zip archive of stored members.
inline std::string archive(const std::vector<Member>& members) {
  std::string data, directory;
  for (const Member& member : members) {
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(member.bytes.data()), uInt(member.bytes.size()));
    const std::string sizes = little(crc, 4) + little(member.bytes.size(), 4) + little(member.bytes.size(), 4) +
                              little(member.name.size(), 2) + little(0, 2);
    const std::string versions = little(0, 2) + little(0, 2) + little(0, 4);  // flags, method, time
    directory += "PK\1\2" + little(0, 4) + versions + sizes + std::string(10, 0) + little(data.size(), 4);
    directory += member.name;
    data += "PK\3\4" + little(0, 2) + versions + sizes + member.name + member.bytes;
  }
  return data + directory + "PK\5\6" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
         little(directory.size(), 4) + little(data.size(), 4) + little(0, 2);
}

inline std::string word(const std::string& text) { return "X" + little(text.size(), 4) + text; }
inline std::string integer(int64_t value) { return "\x8a\x08" + little(uint64_t(value), 8); }
inline std::string numbers(const std::vector<int64_t>& values) {
  std::string tuple = "(";
  for (int64_t value : values) tuple += integer(value);
  return tuple + "t";
}
inline std::string storage(const std::string& type, const std::string& key, int64_t count,
                           const std::string& more = "") {
  return "(" + word("storage") + "ctorch\n" + type + "\n" + word(key) + word("cpu") + integer(count) + more + "tQ";
}
// Returns a call of _rebuild_tensor_v2.
inline std::string tensor_of(const std::string& storage, int64_t offset, const std::vector<int64_t>& sizes,
                             const std::vector<int64_t>& strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + integer(offset) + numbers(sizes) + numbers(strides) +
         "\x89}tR";
}
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string program = "ccollections\nOrderedDict\n)R(";
  for (const auto& [key, value] : members) program += word(key) + value;
  return program + "u";
}

inline std::string saved(const std::string& program, const std::vector<Member>& storages) {
  std::vector<Member> members = {{"archive/data.pkl", "\x80\x02" + program + "."}};
  for (const Member& storage : storages) members.push_back({"archive/data/" + storage.name, storage.bytes});
  return archive(members);
}

// Returns what torch.save(state_dict) writes for f32, bf16 and f16 tensors.
inline std::string state_dict(const std::vector<std::pair<std::string, tensor::Tensor>>& tensors) {
  std::vector<std::pair<std::string, std::string>> members;
  std::vector<Member> storages;
  for (const auto& [name, given] : tensors) {
    const tensor::Tensor rows = given.contiguous();
    const std::string key = std::to_string(storages.size());
    const char* type = rows.dtype() == tensor::DType::bf16  ? "BFloat16Storage"
                       : rows.dtype() == tensor::DType::f16 ? "HalfStorage"
                                                            : "FloatStorage";
    std::vector<int64_t> sizes, strides;
    for (int i = 0; i < rows.rank(); ++i) {
      sizes.push_back(rows.size(i));
      strides.push_back(rows.stride(i));
    }
    members.emplace_back(name, tensor_of(storage(type, key, rows.numel()), 0, sizes, strides));
    storages.push_back({key, {reinterpret_cast<const char*>(rows.bytes_data()), rows.bytes()}});
  }
  return saved(dict(members), storages);
}

}  // namespace torch_archive
