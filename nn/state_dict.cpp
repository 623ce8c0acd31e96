#include "nn/state_dict.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>

#include "tensor/base/json.h"
#include "tensor/format.h"
#include "tensor/io/torch_file.h"

namespace nn {

StateSource safetensors_source(const std::string& path) {
  auto file = std::make_shared<tensor::SafetensorsFile>(tensor::SafetensorsFile::open(path));
  return {path, file->names(), [file](const std::string& name) { return file->tensor(name); }};
}

StateSource torch_source(const std::string& path) {
  auto file = std::make_shared<tensor::TorchFile>(tensor::TorchFile::open(path));
  return {path, file->names(), [file](const std::string& name) { return file->tensor(name); }};
}

namespace {

// Throws a list of problems as one message, unless it is empty.
void refuse(const std::string& place, const char* what, const std::vector<std::string>& problems) {
  if (problems.empty()) return;
  std::string list;
  for (const std::string& problem : problems) list += "\n  " + problem;
  throw base::DamagedInput(base::format("{}: {}:{}", place, what, list));
}

// One of several files with weights.
struct Shard {
  explicit Shard(const std::string& path)
      : source(path.ends_with(".bin") ? torch_source(path) : safetensors_source(path)),
        names(source.names.begin(), source.names.end()) {}
  StateSource source;
  std::set<std::string> names;
};

// The files that an index names, each opened once, and the file that holds each name.
class Shards {
 public:
  explicit Shards(const std::string& index_path) : index_path_(index_path) {
    const base::Json index = base::read_json_file(index_path);
    const base::Json* map = index.find("weight_map");
    base::check<base::DamagedInput>(map && map->is_object(), "{}: weight_map should be an object of names and files",
                                    index_path);
    for (const auto& [name, file] : map->members()) add(name, file);
    for (const auto& [file, shard] : files_)
      for (const std::string& name : shard.names)
        if (const auto found = places_.find(name); found == places_.end() || found->second != &shard)
          problems_.push_back(base::format("{}: is in {}, which weight_map does not say", name, file));
    refuse(index_path, "does not fit its files", problems_);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, shard] : places_) result.push_back(name);
    return result;
  }
  Tensor tensor(const std::string& name) const { return places_.at(name)->source.tensor(name); }

 private:
  void add(const std::string& name, const base::Json& file) {
    const bool plain = file.is_string() &&
                       (file.as_string().ends_with(".safetensors") || file.as_string().ends_with(".bin")) &&
                       file.as_string().find_first_of(std::string("/\\\0", 3)) == std::string::npos;
    base::check<base::DamagedInput>(
        plain, "{}: weight_map: {} is in {}, which should be a .safetensors or .bin file beside it", index_path_, name,
        file.dump());
    const std::string& shard_name = file.as_string();
    auto shard = files_.find(shard_name);
    if (shard == files_.end()) shard = files_.emplace(shard_name, open(shard_name)).first;
    places_[name] = &shard->second;
    if (!shard->second.names.contains(name))
      problems_.push_back(base::format("{}: is not in {}, where weight_map says it is", name, shard_name));
  }

  Shard open(const std::string& file) const {
    const std::string path = index_path_.substr(0, index_path_.rfind('/') + 1) + file;
    std::error_code ignored;  // a name may be too long to be one
    base::check<base::DamagedInput>(std::filesystem::is_regular_file(path, ignored),
                                    "{}: weight_map names {}, which is not beside it", index_path_, file);
    return Shard(path);
  }

  std::string index_path_;
  std::map<std::string, Shard> files_;  // by the name of the file
  std::map<std::string, const Shard*> places_;
  std::vector<std::string> problems_;
};

}  // namespace

StateSource sharded_source(const std::string& index_path) {
  auto shards = std::make_shared<const Shards>(index_path);
  return {index_path, shards->names(), [shards](const std::string& name) { return shards->tensor(name); }};
}

namespace {

// Groups entries that share their rows, in visiting order: the first is the stored one, the rest are its aliases.
std::vector<std::vector<Entry>> tied_groups(Module& module) {
  std::vector<std::vector<Entry>> groups;
  for (const Entry& entry : entries(module)) {
    auto same = [&](const std::vector<Entry>& group) {
      return entry.parameter && group[0].parameter && group[0].parameter->leaf() == entry.parameter->leaf() &&
             group[0].begin == entry.begin && group[0].end == entry.end;
    };
    auto found = entry.alias ? std::find_if(groups.begin(), groups.end(), same) : groups.end();
    if (found == groups.end())
      groups.push_back({entry});
    else
      found->push_back(entry);
  }
  return groups;
}

class StateLoader {
 public:
  StateLoader(const StateSource& source, const LoadOptions& options) : source_(source), options_(options) {
    for (const std::string& name : source.names)
      if (!options.ignored.contains(name) && !options.ignored.contains(bare(name))) left_.insert({bare(name), name});
  }

  void fill(const std::vector<Entry>& group) {
    Tensor first;
    std::string first_name;
    for (const Entry& entry : group) {
      const auto found = left_.find(bare(entry.name));
      if (found == left_.end()) continue;
      const Tensor given = source_.tensor(found->second);
      if (!first.defined())
        copy(entry, given, found->second);
      else if (!equal(first, given))
        problems_.push_back(found->second + ": differs from " + first_name + ", to which it is tied");
      if (!first.defined()) {
        first = given;
        first_name = found->second;
      }
      left_.erase(found);
    }
    if (!first.defined() && !options_.optional.contains(group[0].name))
      problems_.push_back("missing: " + group[0].name);
  }

  void finish() {
    for (const auto& [bare_name, name] : left_) problems_.push_back("unexpected: " + name);
    refuse(source_.place, "does not fit the model", problems_);
  }

 private:
  std::string bare(const std::string& name) const {
    const std::string& prefix = options_.optional_prefix;
    return !prefix.empty() && name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  }

  void copy(const Entry& entry, const Tensor& given, const std::string& name) {
    Tensor target = entry.tensor();
    if (!(given.shape() == target.shape())) {
      problems_.push_back(base::format("misshapen: {} is {}, the model's is {}", name, given.shape(), target.shape()));
    } else if (!tensor::is_float(given.dtype())) {
      problems_.push_back(base::format("misshapen: {} holds {}", name, given.dtype()));
    } else {
      target.copy_from(given);
    }
  }

  static bool equal(const Tensor& a, const Tensor& b) {
    const Tensor x = a.contiguous(), y = b.contiguous();
    return x.shape() == y.shape() && x.dtype() == y.dtype() &&
           (x.numel() == 0 || std::memcmp(x.bytes_data(), y.bytes_data(), x.bytes()) == 0);
  }

  const StateSource& source_;
  const LoadOptions& options_;
  std::map<std::string, std::string> left_;  // name without the optional prefix -> name in the source
  std::vector<std::string> problems_;
};

}  // namespace

void load(Module& module, const StateSource& source, const LoadOptions& options) {
  StateLoader loader(source, options);
  for (const std::vector<Entry>& group : tied_groups(module)) loader.fill(group);
  loader.finish();
}

std::vector<tensor::NamedTensor> state(Module& module) {
  std::vector<tensor::NamedTensor> result;
  for (const std::vector<Entry>& group : tied_groups(module)) result.push_back({group[0].name, group[0].tensor()});
  return result;
}

std::map<std::string, std::string> aliases(Module& module) {
  std::map<std::string, std::string> result;
  for (const std::vector<Entry>& group : tied_groups(module))
    for (size_t i = 1; i < group.size(); ++i) result[group[i].name] = group[0].name;
  return result;
}

}  // namespace nn
