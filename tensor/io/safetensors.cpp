#include "tensor/io/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "tensor/base/file.h"
#include "tensor/base/json.h"
#include "tensor/format.h"

namespace tensor {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

namespace {

constexpr size_t kMaxHeader = 100'000'000;  // bytes, as in the reference implementation
constexpr size_t kMaxTensors = 100'000;
constexpr size_t kAlignment = 64;
constexpr const char* kMetadata = "__metadata__";

struct DTypeName {
  const char* text;
  DType dtype;
};

constexpr DTypeName kDTypes[] = {{"F32", DType::f32}, {"F64", DType::f64}, {"BF16", DType::bf16}, {"F16", DType::f16},
                                 {"I32", DType::i32}, {"I64", DType::i64}, {"U8", DType::u8},     {"BOOL", DType::u8}};

const char* dtype_text(DType dtype) {
  return std::find_if(std::begin(kDTypes), std::end(kDTypes), [&](const DTypeName& d) { return d.dtype == dtype; })
      ->text;
}

// Refuses control characters and a way up: names become file names and terminal output elsewhere.
bool usable_tensor_name(std::string_view name) {
  return !name.empty() && name.find("..") == std::string_view::npos &&
         std::none_of(name.begin(), name.end(), [](char c) { return uint8_t(c) < 0x20 || c == 0x7f; });
}

// Counts commas and brackets outside of strings. Parsed, each costs some 100 bytes, so a hostile header of 100 MB would
// need gigabytes; counting first costs nothing.
size_t count_marks(std::string_view json) {
  size_t marks = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"')
      in_string = !in_string;
    else if (in_string)
      i += c == '\\';
    else
      marks += c == ',' || c == '[' || c == '{';
  }
  return marks;
}

// What a header says about one tensor; every failure is DamagedInput with this place in front.
class EntryReader {
 public:
  EntryReader(const std::string& path, const std::string& name, const base::Json& json)
      : place_(base::format("{}: tensor \"{}\"", path, name)), json_(json) {
    base::check<base::DamagedInput>(json.is_object(), "{}: its entry in the header is not an object", place_);
  }

  DType dtype() const {
    const base::Json& value = member("dtype");
    const std::string text = value.is_string() ? value.as_string() : value.dump();
    for (const DTypeName& known : kDTypes)
      if (text == known.text) return known.dtype;
    throw base::DamagedInput(
        base::format("{}: dtype {} is not F32, F64, BF16, F16, I32, I64, U8 or BOOL", place_, text));
  }

  // Reads the shape. Sizes of 0 count as 1 in the check for overflow, so that the strides fit too.
  Shape shape(DType dtype) const {
    const std::vector<int64_t> sizes = integers("shape");
    base::check<base::DamagedInput>(sizes.size() <= size_t(kMaxRank), "{}: rank {} is above {}", place_, sizes.size(),
                                    kMaxRank);
    int64_t bytes = int64_t(size_of(dtype));
    for (const int64_t size : sizes)
      base::check<base::DamagedInput>(!__builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes),
                                      "{}: the size of shape {} overflows 64 bits", place_, member("shape").dump());
    return Shape(std::span<const int64_t>(sizes));
  }

  // Returns begin and end within a data section of `bytes` that starts at `start` in the file.
  std::pair<size_t, size_t> range(size_t start, size_t bytes) const {
    const std::vector<int64_t> offsets = integers("data_offsets");
    base::check<base::DamagedInput>(offsets.size() == 2, "{}: data_offsets has {} numbers, not 2", place_,
                                    offsets.size());
    const size_t begin = size_t(offsets[0]), end = size_t(offsets[1]);
    base::check<base::DamagedInput>(begin <= end, "{}: offset {}: it ends at {}, before it begins", place_,
                                    start + begin, start + end);
    base::check<base::DamagedInput>(end <= bytes, "{}: offset {}: it ends at {}, after the end of the file at {}",
                                    place_, start + begin, start + end, start + bytes);
    return {begin, end};
  }

  const std::string& place() const { return place_; }

 private:
  const base::Json& member(const char* key) const {
    const base::Json* value = json_.find(key);
    base::check<base::DamagedInput>(value != nullptr, "{}: it has no {}", place_, key);
    return *value;
  }

  std::vector<int64_t> integers(const char* key) const {
    const base::Json& list = member(key);
    base::check<base::DamagedInput>(list.is_array(), "{}: {} is not a list", place_, key);
    std::vector<int64_t> values;
    for (const base::Json& item : list.items()) {
      base::check<base::DamagedInput>(item.is_int() && item.as_int() >= 0,
                                      "{}: {} holds {}, which is not a size of 63 bits", place_, key, item.dump());
      values.push_back(item.as_int());
    }
    return values;
  }

  std::string place_;
  const base::Json& json_;
};

std::map<std::string, std::string> read_metadata(const std::string& path, const base::Json& json) {
  std::map<std::string, std::string> metadata;
  if (json.is_null()) return metadata;  // as some writers have it where there is none
  base::check<base::DamagedInput>(json.is_object(), "{}: {} is not an object", path, kMetadata);
  for (const auto& [key, value] : json.members()) {
    base::check<base::DamagedInput>(value.is_string(), "{}: {}: the value of \"{}\" is not a string", path, kMetadata,
                                    key);
    metadata[key] = value.as_string();
  }
  return metadata;
}

base::Json read_header(const base::MappedFile& file, size_t& data_start) {
  const std::string& path = file.path();
  base::check<base::DamagedInput>(file.size() >= 8, "{}: offset 0: {} bytes are too few for the length of a header",
                                  path, file.size());
  uint64_t length;
  std::memcpy(&length, file.bytes().data(), 8);
  base::check<base::DamagedInput>(length <= kMaxHeader, "{}: offset 0: a header of {} bytes is above the limit of {}",
                                  path, length, kMaxHeader);
  base::check<base::DamagedInput>(length <= file.size() - 8,
                                  "{}: offset 0: a header of {} bytes does not fit a file of {}", path, length,
                                  file.size());
  const std::string_view text = file.text().substr(8, length);
  base::check<base::DamagedInput>(text.starts_with('{'), "{}: offset 8: the header does not start with {{", path);
  base::check<base::DamagedInput>(count_marks(text) <= 20 * kMaxTensors,
                                  "{}: offset 8: the header describes more than {} tensors", path, kMaxTensors);
  data_start = 8 + length;
  return base::parse_json(text, path + ": header", {.bytes = kMaxHeader, .depth = 4});
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  SafetensorsFile result;
  auto file = std::make_shared<const base::MappedFile>(path);
  size_t start = 0;
  const base::Json header = read_header(*file, start);
  base::check<base::DamagedInput>(header.members().size() <= kMaxTensors + 1,
                                  "{}: offset 8: the header describes more than {} tensors", path, kMaxTensors);
  for (const auto& [name, value] : header.members()) {
    if (name == kMetadata) {
      result.metadata_ = read_metadata(path, value);
      continue;
    }
    base::check<base::DamagedInput>(usable_tensor_name(name),
                                    "{}: offset 8: a tensor's name is empty or holds .. or a control character", path);
    const EntryReader reader(path, name, value);
    const DType dtype = reader.dtype();
    const Shape shape = reader.shape(dtype);
    const auto [begin, end] = reader.range(start, file->size() - start);
    const size_t bytes = size_t(shape.numel()) * size_of(dtype);
    base::check<base::DamagedInput>(end - begin == bytes, "{}: offset {}: it has {} bytes, but {} {} needs {}",
                                    reader.place(), start + begin, end - begin, dtype, shape, bytes);
    result.entries_[name] = {dtype, shape, start + begin, bytes};
    result.names_.push_back(name);
  }
  result.file_ = std::move(file);
  result.check_layout(start);
  return result;
}

// Refuses holes, which could hide a second file, and overlaps, which would make one tensor change another.
void SafetensorsFile::check_layout(size_t data_start) {
  const auto entry = [&](const std::string& name) -> const Entry& { return entries_.find(name)->second; };
  std::stable_sort(names_.begin(), names_.end(), [&](const std::string& a, const std::string& b) {
    const Entry &x = entry(a), &y = entry(b);
    return std::pair(x.offset, x.bytes) < std::pair(y.offset, y.bytes);
  });
  size_t end = data_start;
  for (const std::string& name : names_) {
    const Entry& next = entry(name);
    base::check<base::DamagedInput>(next.offset <= end,
                                    "{}: offset {}: {} bytes before tensor \"{}\" belong to nothing", path(), end,
                                    next.offset - end, name);
    base::check<base::DamagedInput>(next.offset >= end, "{}: offset {}: tensor \"{}\" overlaps the one before it",
                                    path(), next.offset, name);
    end = next.offset + next.bytes;
  }
  base::check<base::DamagedInput>(end == file_->size(), "{}: offset {}: {} bytes at the end belong to nothing", path(),
                                  end, file_->size() - end);
}

const std::string& SafetensorsFile::path() const { return file_->path(); }

Tensor SafetensorsFile::tensor(std::string_view name) const {
  const auto found = entries_.find(name);
  base::check(found != entries_.end(), "{}: no tensor \"{}\"", path(), name);
  const Entry& entry = found->second;
  std::byte* data = const_cast<std::byte*>(file_->bytes().data()) + entry.offset;
  if (entry.offset % size_of(entry.dtype) != 0) {
    Tensor copy = Tensor::empty(entry.shape, entry.dtype);
    std::memcpy(copy.mutable_bytes_data(), data, entry.bytes);
    return copy;
  }
  auto storage = std::make_shared<Storage>(data, entry.bytes, Device{}, [file = file_] {});
  return Tensor(std::move(storage), 0, entry.shape, row_major(entry.shape), entry.dtype);
}

namespace {

void append_entry(std::string& header, const NamedTensor& named, size_t begin) {
  header += header.size() > 1 ? "," : "";
  base::append_json_string(header, named.name);
  header += base::format(R"(:{{"dtype":"{}","shape":[)", dtype_text(named.tensor.dtype()));
  for (int i = 0; i < named.tensor.rank(); ++i) header += (i > 0 ? "," : "") + std::to_string(named.tensor.size(i));
  header += base::format(R"(],"data_offsets":[{},{}]}})", begin, begin + named.tensor.bytes());
}

void append_metadata(std::string& header, const std::map<std::string, std::string>& metadata) {
  if (metadata.empty()) return;
  base::append_json_string(header, kMetadata);
  char separator = '{';
  header += ':';
  for (const auto& [key, value] : metadata) {
    header += std::exchange(separator, ',');
    base::append_json_string(header, key);
    header += ':';
    base::append_json_string(header, value);
  }
  header += '}';
}

}  // namespace

base::Digests write_safetensors(const std::string& path, std::span<const NamedTensor> tensors,
                                const std::map<std::string, std::string>& metadata) {
  std::string header = "{";
  append_metadata(header, metadata);
  size_t data_bytes = 0;
  std::unordered_set<std::string_view> names;
  for (const NamedTensor& named : tensors) {
    base::check(usable_tensor_name(named.name) && named.name != kMetadata, "{}: \"{}\" cannot be the name of a tensor",
                path, named.name);
    base::check(names.insert(named.name).second, "{}: two tensors have the name \"{}\"", path, named.name);
    append_entry(header, named, data_bytes);
    data_bytes += named.tensor.bytes();
  }
  header += '}';
  header.append(kAlignment - 1 - (8 + header.size() - 1) % kAlignment, ' ');
  base::check(header.size() <= kMaxHeader, "{}: a header of {} bytes is above the limit of {}", path, header.size(),
              kMaxHeader);

  base::AtomicFile file(path, 8 + header.size() + data_bytes);
  const uint64_t length = header.size();
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const NamedTensor& named : tensors) {
    const Tensor tensor = named.tensor.contiguous().to(Device{});
    file.write({tensor.bytes_data(), tensor.bytes()});
  }
  return file.commit();
}

}  // namespace tensor
