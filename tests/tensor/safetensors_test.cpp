#include "tensor/io/safetensors.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/second_device.h"

namespace fs = std::filesystem;
using base::DamagedInput;
using base::Error;
using tensor::DType;
using tensor::NamedTensor;
using tensor::SafetensorsFile;
using tensor::Shape;
using tensor::Tensor;

namespace {

struct Path {
  ~Path() { fs::remove(text); }
  std::string text = (fs::temp_directory_path() / ("kilm-safetensors-" + std::to_string(getpid()))).string();
};

void put(const std::string& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

// Writes a file with this header and `data` bytes that count up.
void write_raw(const std::string& path, const std::string& header, size_t data) {
  std::string text(8, '\0');
  const uint64_t length = header.size();
  std::memcpy(text.data(), &length, 8);
  text += header;
  for (size_t i = 0; i < data; ++i) text += char(i);
  put(path, text);
}

// Returns the error of opening such a file, without the path in front.
std::string refusal(const std::string& header, size_t data) {
  const Path path;
  write_raw(path.text, header, data);
  try {
    SafetensorsFile::open(path.text);
  } catch (const DamagedInput& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(path.text + ": "));
    return message.substr(path.text.size() + 2);
  }
  return "accepted";
}

// Returns the entry of one tensor "a" in a header of its own.
std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
}

template <class T>
Tensor make(const Shape& shape, DType dtype) {
  Tensor x = Tensor::empty(shape, dtype);
  for (int64_t i = 0; i < x.numel(); ++i) x.mutable_data<T>()[i] = T(float(i) - 3);
  return x;
}

bool same(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         std::memcmp(a.bytes_data(), b.bytes_data(), a.bytes()) == 0;
}

}  // namespace

TEST_CASE("safetensors: tensors of all dtypes come back as they were written") {
  const Path path;
  const std::vector<NamedTensor> tensors = {
      {"z.weight", make<float>({2, 3}, DType::f32)},  {"bytes", make<uint8_t>({3}, DType::u8)},
      {"f64", make<double>({2}, DType::f64)},         {"bf16", make<tensor::bf16>({5}, DType::bf16)},
      {"f16", make<tensor::f16>({1, 1}, DType::f16)}, {"ids", make<int32_t>({4}, DType::i32)},
      {"sizes", make<int64_t>({}, DType::i64)},       {"none", make<float>({0, 7}, DType::f32)},
      {"é \"", make<float>({2}, DType::f32)}};
  const std::map<std::string, std::string> metadata = {{"format", "pt"}, {"quote", "\"\n"}};
  const base::Digests digests = write_safetensors(path.text, tensors, metadata);
  const std::string bytes = base::read_file(path.text);
  CHECK(digests.sha256 == base::sha256_hex(std::as_bytes(std::span(bytes))));
  uint64_t length;
  std::memcpy(&length, bytes.data(), 8);
  CHECK((8 + length) % 64 == 0);
  CHECK(write_safetensors(path.text, tensors, metadata).sha256 == digests.sha256);

  const SafetensorsFile file = SafetensorsFile::open(path.text);
  CHECK(file.metadata() == metadata);
  REQUIRE(file.names().size() == tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    CHECK(file.contains(tensors[i].name));
    CHECK(same(file.tensor(tensors[i].name), tensors[i].tensor));
  }
  CHECK(file.names()[0] == "z.weight");
  CHECK(file.names()[8] == "é \"");
  CHECK(!file.contains("a"));
  CHECK_THROWS_WITH_AS(file.tensor("a"), (path.text + ": no tensor \"a\"").c_str(), Error);
}

TEST_CASE("safetensors: tensors are views of the file and keep it mapped") {
  const Path path;
  write_safetensors(path.text,
                    std::vector<NamedTensor>{{"a", make<float>({4}, DType::f32)}, {"b", make<float>({4}, DType::f32)}});
  Tensor a, b;
  {
    const SafetensorsFile file = SafetensorsFile::open(path.text);
    a = file.tensor("a");
    b = file.tensor("b");
  }
  CHECK(b.bytes_data() == a.bytes_data() + 16);
  CHECK(a.data<float>()[1] == -2);
  CHECK(b.data<float>()[3] == 0);
}

TEST_CASE("safetensors: a tensor on another device is written as on the CPU") {
  const tests::SecondDevice second;
  const Path here, there;
  const Tensor x = make<float>({2, 3}, DType::f32);
  write_safetensors(here.text, std::vector<NamedTensor>{{"x", x}});
  write_safetensors(there.text, std::vector<NamedTensor>{{"x", x.to(second.device)}});
  CHECK(base::read_file(here.text) == base::read_file(there.text));
}

TEST_CASE("safetensors: a file without tensors is a file") {
  const Path path;
  tensor::write_safetensors(path.text, {});
  CHECK(SafetensorsFile::open(path.text).names().empty());
}

TEST_CASE("safetensors: bool is read as u8, unaligned data is copied, the order of the header is free") {
  const Path path;
  write_raw(
      path.text,
      R"({"b":{"dtype":"I32","shape":[1],"data_offsets":[3,7]},"a":{"shape":[3],"dtype":"BOOL","data_offsets":[0,3]}})",
      7);
  const SafetensorsFile file = SafetensorsFile::open(path.text);
  CHECK(file.names() == std::vector<std::string>{"a", "b"});
  CHECK(file.tensor("a").dtype() == DType::u8);
  CHECK(*file.tensor("b").data<int32_t>() == 0x06050403);
}

TEST_CASE("safetensors: a wrong length of the header is refused") {
  const Path path;
  const auto open = [&] { SafetensorsFile::open(path.text); };
  put(path.text, "1234567");
  CHECK_THROWS_WITH_AS(open(), doctest::Contains(": offset 0: 7 bytes are too few for the length of a header"),
                       DamagedInput);
  put(path.text, std::string("\x03\0\0\0\0\0\0\0{}", 10));
  CHECK_THROWS_WITH_AS(open(), doctest::Contains(": offset 0: a header of 3 bytes does not fit a file of 10"),
                       DamagedInput);
  put(path.text, std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10));
  CHECK_THROWS_WITH_AS(open(), doctest::Contains(": offset 0: a header of 100000001 bytes is above the limit"),
                       DamagedInput);
  put(path.text, "\xff\xff\xff\xff\xff\xff\xff\xff{}");
  CHECK_THROWS_WITH_AS(open(), doctest::Contains(": offset 0: a header of 18446744073709551615 bytes is above"),
                       DamagedInput);
}

TEST_CASE("safetensors: a header that is not the right JSON is refused") {
  CHECK(refusal("", 0) == "offset 8: the header does not start with {");
  CHECK(refusal(" {}", 0) == "offset 8: the header does not start with {");
  CHECK(refusal("{\"a\xff\":1}", 0).starts_with("header: offset 4: not JSON"));
  CHECK(refusal(R"({"a":1)", 0).starts_with("header: offset 7: not JSON"));
  CHECK(refusal(R"({"a":{},"a":{}})", 0) == "header: duplicate key \"a\"");
  CHECK(refusal(R"({"__metadata__":[]})", 0) == "__metadata__ is not an object");
  CHECK(refusal(R"({"__metadata__":null})", 0) == "accepted");
  CHECK(refusal(R"({"__metadata__":{"k":1}})", 0) == "__metadata__: the value of \"k\" is not a string");
  CHECK(refusal(R"({"a":[[[[[]]]]]})", 0) == "header: nested deeper than 4 levels");
  CHECK(refusal(R"({"a":1})", 0) == "tensor \"a\": its entry in the header is not an object");
  CHECK(refusal(R"({"a":{}})", 0) == "tensor \"a\": it has no dtype");
  CHECK(refusal(R"({"a":{"dtype":"U8"}})", 0) == "tensor \"a\": it has no shape");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":[]}})", 0) == "tensor \"a\": it has no data_offsets");
  CHECK(refusal(R"({"a":{"dtype":"U8","shape":3}})", 0) == "tensor \"a\": shape is not a list");
  CHECK(refusal(entry("I16", "[1]", "[0,2]"), 2) ==
        "tensor \"a\": dtype I16 is not F32, F64, BF16, F16, I32, I64, U8 or BOOL");
  const std::string name = "offset 8: a tensor's name is empty or holds .. or a control character";
  for (const char* text : {R"({"a\u0000":{}})", R"({"../a":{}})", R"({"":{}})", R"({"\u001b[2J":{}})"})
    CHECK(refusal(text, 0) == name);
}

TEST_CASE("safetensors: sizes and offsets that contradict each other are refused") {
  CHECK(refusal(entry("F32", "[4611686018427387904,4]", "[0,0]"), 0) ==  // 2^64 elements wrap to 0
        "tensor \"a\": the size of shape [4611686018427387904, 4] overflows 64 bits");
  CHECK(refusal(entry("F32", "[0,4611686018427387904,4]", "[0,0]"), 0) ==
        "tensor \"a\": the size of shape [0, 4611686018427387904, 4] overflows 64 bits");
  CHECK(refusal(entry("U8", "[-1]", "[0,0]"), 0) == "tensor \"a\": shape holds -1, which is not a size of 63 bits");
  CHECK(refusal(entry("U8", "[1.0]", "[0,1]"), 1) == "tensor \"a\": shape holds 1.0, which is not a size of 63 bits");
  CHECK(refusal(entry("U8", "[18446744073709551615]", "[0,1]"), 1)
            .starts_with("tensor \"a\": shape holds 18446744073709551616.0"));
  CHECK(refusal(entry("U8", "[1,1,1,1,1,1,1]", "[0,1]"), 1) == "tensor \"a\": rank 7 is above 6");
  CHECK(refusal(entry("U8", "[1]", "[0]"), 1) == "tensor \"a\": data_offsets has 1 numbers, not 2");
  const std::string header = entry("U8", "[1]", "[2,1]");
  const size_t start = 8 + header.size();
  const auto at = [&](size_t offset) { return std::to_string(start + offset); };
  CHECK(refusal(header, 2) == "tensor \"a\": offset " + at(2) + ": it ends at " + at(1) + ", before it begins");
  CHECK(refusal(entry("U8", "[2]", "[0,2]"), 1) ==
        "tensor \"a\": offset " + at(0) + ": it ends at " + at(2) + ", after the end of the file at " + at(1));
  CHECK(refusal(entry("F32", "[1]", "[0,3]"), 3) ==
        "tensor \"a\": offset " + std::to_string(start + 1) + ": it has 3 bytes, but f32 [1] needs 4");
  CHECK(refusal(entry("U8", "[1]", "[1,2]"), 2) ==
        "offset " + at(0) + ": 1 bytes before tensor \"a\" belong to nothing");
  CHECK(refusal(entry("U8", "[1]", "[0,1]"), 3) == "offset " + at(1) + ": 2 bytes at the end belong to nothing");
  CHECK(refusal("{}", 1) == "offset 10: 1 bytes at the end belong to nothing");
  const std::string two =
      R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})";
  CHECK(refusal(two, 3) ==
        "offset " + std::to_string(8 + two.size() + 1) + ": tensor \"b\" overlaps the one before it");
}

TEST_CASE("safetensors: too many tensors are refused before they cost memory") {
  std::string header = "{";
  for (int i = 0; i < 100002; ++i)
    header += "\"" + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)";
  header.back() = '}';
  CHECK(refusal(header, 0) == "offset 8: the header describes more than 100000 tensors");
  CHECK(refusal("{\"a\":[" + std::string(3000000, ',') + "]}", 0) ==
        "offset 8: the header describes more than 100000 tensors");
}

TEST_CASE("safetensors: a cut file is refused, a flipped bit of the header is refused or makes another valid file") {
  const Path path;
  write_safetensors(path.text, std::vector<NamedTensor>{{"a", make<float>({2, 2}, DType::f32)},
                                                        {"b", make<int64_t>({1}, DType::i64)}});
  const std::string good = base::read_file(path.text);
  for (size_t size = 0; size < good.size(); ++size) {
    put(path.text, std::string_view(good).substr(0, size));
    CHECK_THROWS_AS(SafetensorsFile::open(path.text), DamagedInput);
  }
  int accepted = 0;  // by a changed name or a dtype of the same size
  const size_t header_end = good.size() - 24;
  for (size_t at = 0; at < header_end; ++at)
    for (const char flip : {'\x01', '\x20', '\x80'}) {
      std::string bad = good;
      bad[at] = char(bad[at] ^ flip);
      put(path.text, bad);
      try {
        const SafetensorsFile file = SafetensorsFile::open(path.text);
        ++accepted;
        for (const std::string& name : file.names()) CHECK(file.tensor(name).numel() > 0);
      } catch (const DamagedInput&) {
      }
    }
  CHECK(accepted < 20);
}

TEST_CASE("safetensors: names that cannot be read back are not written") {
  const Path path;
  const auto write = [&](std::vector<std::string> names) {
    std::vector<NamedTensor> tensors;
    for (const std::string& name : names) tensors.push_back({name, make<float>({1}, DType::f32)});
    write_safetensors(path.text, tensors);
  };
  CHECK_THROWS_WITH_AS(write({"a", "a"}), (path.text + ": two tensors have the name \"a\"").c_str(), Error);
  CHECK_THROWS_WITH_AS(write({"__metadata__"}),
                       (path.text + ": \"__metadata__\" cannot be the name of a tensor").c_str(), Error);
  CHECK_THROWS_AS(write({"a..b"}), Error);
  CHECK(!fs::exists(path.text));
}

TEST_CASE("safetensors: files of another writer are read") {
  const std::string path = KILM_SOURCE_DIR "/../shared/data/checkpoints/burn/";
  if (!fs::exists(path)) {
    MESSAGE("skipped: no sample checkpoints");
    return;
  }
  const SafetensorsFile mnist = SafetensorsFile::open(path + "mnist.safetensors");
  CHECK(mnist.tensor("conv1.weight").shape() == Shape{8, 1, 3, 3});
  CHECK(mnist.tensor("norm1.num_batches_tracked").dtype() == DType::i64);
  for (const char* name : {"mnist.safetensors", "safetensors/multi_layer.safetensors"}) {
    const SafetensorsFile file = SafetensorsFile::open(path + name);
    std::vector<NamedTensor> tensors;
    for (const std::string& tensor : file.names()) tensors.push_back({tensor, file.tensor(tensor)});
    const Path copy;
    write_safetensors(copy.text, tensors, file.metadata());
    const SafetensorsFile again = SafetensorsFile::open(copy.text);
    CHECK(again.names() == file.names());
    CHECK(again.metadata() == file.metadata());
    for (const NamedTensor& named : tensors) CHECK(same(again.tensor(named.name), named.tensor));
  }
}
