#include "tensor/io/torch_file.h"

#include <cstring>
#include <optional>
#include <unordered_map>

#include "tensor/base/file.h"
#include "tensor/format.h"
#include "tensor/io/pickle.h"
#include "tensor/io/zip.h"

namespace tensor {

namespace {

constexpr size_t kMaxPickle = 2 << 20;  // bytes, of which each may cost 100 of memory; bart-large's has 150 KB
constexpr int kMaxNesting = 8;          // dicts within dicts
// What a file before torch 1.6 begins with: a pickle of the magic number 0x1950a86a20f9469cfc6c.
constexpr std::string_view kLegacyMagic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);

const std::map<std::string, DType, std::less<>> kStorages = {
    {"torch.FloatStorage", DType::f32}, {"torch.DoubleStorage", DType::f64}, {"torch.BFloat16Storage", DType::bf16},
    {"torch.HalfStorage", DType::f16},  {"torch.IntStorage", DType::i32},    {"torch.LongStorage", DType::i64},
    {"torch.ByteStorage", DType::u8},   {"torch.BoolStorage", DType::u8},
};

const std::set<std::string>& allowed_globals() {
  static const std::set<std::string> names = [] {
    std::set<std::string> all = {"collections.OrderedDict", "torch._utils._rebuild_tensor_v2",
                                 "torch._utils._rebuild_parameter"};
    for (const auto& [name, dtype] : kStorages) all.insert(name);
    return all;
  }();
  return names;
}

// What a pickle says about the memory of a tensor.
struct StorageId {
  std::string key;
  DType dtype;
  int64_t count;  // elements
};

}  // namespace

class TorchReader {
 public:
  explicit TorchReader(const std::string& path) : file_(std::make_shared<const base::MappedFile>(path)) {
    result_.path_ = path;
  }

  TorchFile read() {
    if (file_->text().starts_with("PK"))
      read_archive();
    else if (file_->text().starts_with(kLegacyMagic))
      read_legacy();
    else
      damaged("offset 0: neither a zip archive nor a file of torch.save");
    return std::move(result_);
  }

 private:
  template <class... Args>
  [[noreturn]] void damaged(fmt::format_string<Args...> text, Args&&... args) const {
    throw base::DamagedInput(
        base::format("{}: {}", result_.path_, base::format_message(text, fmt::make_format_args(args...))));
  }

  void read_archive() {
    std::string_view pickle;
    size_t pickle_at = 0;
    std::string folder;
    for (const ZipMember& member : read_zip_directory(*file_)) {
      members_[member.name] = member;
      const size_t slash = member.name.find('/');
      if (slash == std::string::npos || member.name.substr(slash) != "/data.pkl") continue;
      check_crc(*file_, member);
      folder = member.name.substr(0, slash);
      pickle = file_->text().substr(member.offset, member.bytes);
      pickle_at = member.offset;
    }
    if (folder.empty()) damaged("the archive has no data.pkl, so it is no file of torch.save");
    if (pickle.size() > kMaxPickle) damaged("data.pkl has {} bytes, more than {}", pickle.size(), kMaxPickle);
    if (const auto order = members_.find(folder + "/byteorder"); order != members_.end())
      if (file_->text().substr(order->second.offset, order->second.bytes) != "little")
        damaged("offset {}: the byte order is not little", order->second.offset);
    const Pickle program(pickle, 0, allowed_globals(), result_.path_ + ": data.pkl", pickle_at);
    folder_ = folder + "/data/";
    add_dict("", program.value(), 0);
  }

  // Reads a row of pickles (magic, version, machine, the object, the storages' keys), then each storage as an i64 count
  // and its elements.
  void read_legacy() {
    const std::string_view text = file_->text();
    const auto next = [&](size_t at) {
      return Pickle(text.substr(0, at + kMaxPickle), at, allowed_globals(), result_.path_);
    };
    const Pickle version = next(kLegacyMagic.size());
    if (version.value() != PickleValue(int64_t(1001))) damaged("offset {}: not version 1001", kLegacyMagic.size());
    const Pickle machine = next(version.end());
    const Pickle object = next(machine.end());
    const Pickle keys = next(object.end());
    find_storages(object);
    const PickleNode* list = node_of(keys.value(), PickleNode::list);
    if (list == nullptr) damaged("offset {}: the keys of its storages are no list", object.end());
    size_t at = keys.end();
    for (const PickleValue& key : list->items) at = read_legacy_storage(string(key, "a storage's key"), at);
    if (at != text.size()) damaged("offset {}: {} bytes at the end belong to nothing", at, text.size() - at);
    add_dict("", object.value(), 0);
  }

  // Finds the storages of a legacy file: only the object knows the element types of those that follow it.
  void find_storages(const Pickle& object) {
    for (const PickleNode& node : object.nodes())
      if (node.kind == PickleNode::persistent) {
        const StorageId id = storage_id(node);
        legacy_dtypes_[id.key] = id.dtype;
      }
  }

  size_t read_legacy_storage(const std::string& key, size_t at) {
    const auto dtype = legacy_dtypes_.find(key);
    if (dtype == legacy_dtypes_.end()) damaged("offset {}: storage {} belongs to no tensor", at, key);
    if (file_->size() - at < 8) damaged("offset {}: the file ends before storage {}", at, key);
    int64_t count;
    std::memcpy(&count, file_->bytes().data() + at, 8);
    at += 8;
    const size_t width = size_of(dtype->second);
    if (count < 0 || uint64_t(count) > (file_->size() - at) / width)
      damaged("offset {}: storage {} of {} elements does not fit the file", at - 8, key, count);
    if (!legacy_.emplace(key, std::pair(at, size_t(count))).second)
      damaged("offset {}: storage {} is there twice", at - 8, key);
    return at + size_t(count) * width;
  }

  // ---- values of the pickle
  std::string string(const PickleValue& value, const char* what) const {
    const auto* text = std::get_if<std::string_view>(&value);
    if (text == nullptr) damaged("{} is no string", what);
    return std::string(*text);
  }
  int64_t integer(const PickleValue& value, const char* what) const {
    const auto* number = std::get_if<int64_t>(&value);
    if (number == nullptr || *number < 0) damaged("{} is no size", what);
    return *number;
  }
  std::vector<int64_t> integers(const PickleValue& value, const char* what) const {
    const PickleNode* tuple = node_of(value, PickleNode::tuple);
    if (tuple == nullptr || tuple->items.size() > size_t(kMaxRank))
      damaged("{} is no tuple of at most {}", what, kMaxRank);
    std::vector<int64_t> numbers;
    for (const PickleValue& item : tuple->items) numbers.push_back(integer(item, what));
    return numbers;
  }
  // Returns the arguments of a call of `function`, or null.
  const PickleNode* arguments(const PickleValue& value, std::string_view function, size_t least) const {
    const PickleNode* call = node_of(value, PickleNode::call);
    if (call == nullptr || call->name != function) return nullptr;
    const PickleNode* tuple = node_of(call->items[0], PickleNode::tuple);
    if (tuple->items.size() < least) damaged("{} has {} arguments, not {}", function, tuple->items.size(), least);
    return tuple;
  }

  // Reads ("storage", class, key, device, elements[, view]).
  StorageId storage_id(const PickleNode& node) const {
    const PickleNode* tuple = node_of(node.items[0], PickleNode::tuple);
    if (tuple == nullptr || tuple->items.size() < 5 || tuple->items[0] != PickleValue(std::string_view("storage")))
      damaged("a persistent id is no storage");
    const PickleNode* type = node_of(tuple->items[1], PickleNode::global);
    const auto dtype = type != nullptr ? kStorages.find(type->name) : kStorages.end();
    if (dtype == kStorages.end()) damaged("a storage's class is no storage");
    if (tuple->items.size() > 5 && !std::holds_alternative<std::monostate>(tuple->items[5]))
      damaged("a storage is a view of another, which torch has not written since version 0.4");
    return {string(tuple->items[2], "a storage's key"), dtype->second, integer(tuple->items[4], "a storage's size")};
  }

  // ---- tensors
  void add_dict(const std::string& prefix, const PickleValue& value, int depth) {
    const PickleNode* dict = node_of(value, PickleNode::dict);
    if (dict == nullptr) damaged("it holds no dict of tensors");
    if (depth > kMaxNesting) damaged("{}: dicts are nested deeper than {}", prefix, kMaxNesting);
    for (size_t i = 0; i + 1 < dict->items.size(); i += 2) {
      const auto* key = std::get_if<std::string_view>(&dict->items[i]);
      if (key == nullptr) continue;
      const std::string name = prefix + std::string(*key);
      const PickleValue& item = dict->items[i + 1];
      if (node_of(item, PickleNode::dict) != nullptr)
        add_dict(name + ".", item, depth + 1);
      else if (node_of(item, PickleNode::call) != nullptr)
        add_tensor(name, item);
    }
  }

  void add_tensor(const std::string& name, const PickleValue& value) {
    if (const PickleNode* parameter = arguments(value, "torch._utils._rebuild_parameter", 1))
      return add_tensor(name, parameter->items[0]);
    const PickleNode* call = arguments(value, "torch._utils._rebuild_tensor_v2", 4);
    if (call == nullptr) damaged("{} is neither a tensor nor a parameter", name);
    const PickleNode* persistent = node_of(call->items[0], PickleNode::persistent);
    if (persistent == nullptr) damaged("{} has no storage", name);
    const StorageId id = storage_id(*persistent);
    const int64_t offset = integer(call->items[1], "an offset");
    const std::vector<int64_t> sizes = integers(call->items[2], "a shape"),
                               strides = integers(call->items[3], "strides");
    check_inside(name, id, offset, sizes, strides);
    Tensor tensor(storage(id), offset, Shape(std::span<const int64_t>(sizes)),
                  Strides(std::span<const int64_t>(strides)), id.dtype);
    if (!result_.tensors_.emplace(name, std::move(tensor)).second) damaged("{} is there twice", name);
    result_.names_.push_back(name);
  }

  void check_inside(const std::string& name, const StorageId& id, int64_t offset, const std::vector<int64_t>& sizes,
                    const std::vector<int64_t>& strides) const {
    if (sizes.size() != strides.size()) damaged("{} has {} sizes and {} strides", name, sizes.size(), strides.size());
    int64_t last = offset, count = 1;
    bool overflow = false, empty = false;
    for (size_t i = 0; i < sizes.size(); ++i) {
      int64_t step = 0;
      empty |= sizes[i] == 0;
      overflow |= __builtin_mul_overflow(count, std::max<int64_t>(sizes[i], 1), &count);
      overflow |= __builtin_mul_overflow(std::max<int64_t>(sizes[i] - 1, 0), strides[i], &step);
      overflow |= __builtin_add_overflow(last, step, &last);
    }
    // a stride of 0 repeats elements: a few bytes could stand for any amount of memory once copied
    overflow |= count > std::max<int64_t>(id.count, 1);
    if (overflow || (empty ? offset > id.count : last >= id.count))
      damaged("{} reaches element {} of storage {}, which has {}", name, last, id.key, id.count);
  }

  std::shared_ptr<Storage> storage(const StorageId& id) {
    std::shared_ptr<Storage>& storage = storages_[id.key];
    if (uint64_t(id.count) > file_->size())
      damaged("storage {} has {} elements, more than the file bytes", id.key, id.count);
    const size_t bytes = size_t(id.count) * size_of(id.dtype);
    if (storage && storage->bytes() == bytes) return storage;
    if (storage) damaged("storage {} has {} bytes for one tensor and {} for another", id.key, storage->bytes(), bytes);
    const size_t at = place(id, bytes);
    if (at % size_of(id.dtype) == 0) {
      auto* data = const_cast<std::byte*>(file_->bytes().data()) + at;
      return storage = std::make_shared<Storage>(data, bytes, Device{}, [file = file_] {});
    }
    storage = Storage::allocate(bytes, Device{});
    std::memcpy(storage->data(), file_->bytes().data() + at, bytes);
    return storage;
  }

  // Returns where the bytes of a storage lie in the file. Throws unless there are so many.
  size_t place(const StorageId& id, size_t bytes) const {
    if (folder_.empty()) {
      const auto found = legacy_.find(id.key);
      if (found == legacy_.end() || int64_t(found->second.second) != id.count)
        damaged("storage {} of {} elements is not in the file", id.key, id.count);
      return found->second.first;
    }
    const auto found = members_.find(folder_ + id.key);
    if (found == members_.end()) damaged("storage {} is not in the archive", id.key);
    if (found->second.bytes != bytes)
      damaged("offset {}: storage {} has {} bytes, but {} elements of {} need {}", found->second.offset, id.key,
              found->second.bytes, id.count, id.dtype, bytes);
    check_crc(*file_, found->second);
    return found->second.offset;
  }

  std::shared_ptr<const base::MappedFile> file_;
  TorchFile result_;
  std::unordered_map<std::string, ZipMember> members_;
  std::string folder_;  // of the storages in an archive: "archive/data/"; empty in a legacy file
  std::unordered_map<std::string, DType> legacy_dtypes_;
  std::unordered_map<std::string, std::pair<size_t, size_t>> legacy_;  // key -> offset, elements
  std::unordered_map<std::string, std::shared_ptr<Storage>> storages_;
};

TorchFile TorchFile::open(const std::string& path) { return TorchReader(path).read(); }

Tensor TorchFile::tensor(std::string_view name) const {
  const auto found = tensors_.find(name);
  base::check(found != tensors_.end(), "{}: no tensor \"{}\"", path_, name);
  return found->second;
}

}  // namespace tensor
