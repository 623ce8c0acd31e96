#include "tensor/io/torch_file.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "tensor/base/error.h"
#include "tensor/io/pickle.h"
#include "tensor/io/safetensors.h"
#include "tests/tensor/torch_archive.h"

namespace fs = std::filesystem;
using namespace std::string_literals;
using namespace torch_archive;
using base::DamagedInput;
using tensor::DType;
using tensor::Shape;
using tensor::Strides;
using tensor::Tensor;
using tensor::TorchFile;

namespace {

struct Path {
  ~Path() { fs::remove(text); }
  std::string text = (fs::temp_directory_path() / ("kilm-torch-" + std::to_string(getpid()))).string();
};

const std::string kLegacyHead = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s;
std::string legacy(const std::string& program, const std::string& keys, const std::string& storages) {
  return kLegacyHead + "\x80\x02M\xe9\x03.\x80\x02}.\x80\x02" + program + ".\x80\x02](" + keys + "e." + storages;
}

TorchFile opened(const std::string& content) {
  const Path path;
  std::ofstream(path.text, std::ios::binary) << content;
  return TorchFile::open(path.text);
}

// Returns the error of opening such a file, without the path in front.
std::string refusal(const std::string& content) {
  try {
    opened(content);
  } catch (const DamagedInput& error) {
    const std::string message = error.what();
    return message.substr(message.find(": ") + 2);
  }
  return "accepted";
}

const std::string kFour = storage("FloatStorage", "0", 4);
const std::string kTwoByTwo = tensor_of(kFour, 0, {2, 2}, {2, 1});

}  // namespace

TEST_CASE("torch file: tensors of an archive come with their names, strides and shared storage") {
  const TorchFile file =
      opened(saved(dict({{"a", kTwoByTwo},
                         {"inner", dict({{"transposed", tensor_of(kFour, 0, {2, 2}, {1, 2})}})},
                         {"row", "ctorch._utils\n_rebuild_parameter\n(" + tensor_of(kFour, 2, {2}, {1}) + "\x88}tR"},
                         {"epoch", integer(3)}}),
                   {{"0", floats({1, 2, 3, 4})}}));
  CHECK(file.names() == std::vector<std::string>{"a", "inner.transposed", "row"});
  CHECK(file.tensor("a").to_vector<float>() == std::vector<float>{1, 2, 3, 4});
  CHECK(file.tensor("inner.transposed").strides() == Strides{1, 2});
  CHECK(file.tensor("inner.transposed").to_vector<float>() == std::vector<float>{1, 3, 2, 4});
  CHECK(file.tensor("row").to_vector<float>() == std::vector<float>{3, 4});
  CHECK(file.tensor("row").storage() == file.tensor("a").storage());
  CHECK_THROWS_AS(file.tensor("epoch"), base::Error);
}

TEST_CASE("torch file: the format before archives gives the same") {
  const std::string data = little(4, 8) + floats({1, 2, 3, 4}) + little(2, 8) + little(7, 8) + little(8, 8);
  const TorchFile file =
      opened(legacy(dict({{"a", kTwoByTwo}, {"n", tensor_of(storage("LongStorage", "1", 2, "N"), 0, {2}, {1})}}),
                    word("0") + word("1"), data));
  CHECK(file.tensor("a").to_vector<float>() == std::vector<float>{1, 2, 3, 4});
  CHECK(file.tensor("n").to_vector<int64_t>() == std::vector<int64_t>{7, 8});
}

TEST_CASE("torch file: a program that wants more than tensors is refused and nothing of it runs") {
  CHECK(refusal(saved("cos\nsystem\n(" + word("true") + "tR", {}))
            .ends_with("names os.system, which saved tensors do not need"));
  CHECK(refusal(saved("cbuiltins\neval\n", {})).find("builtins.eval") != std::string::npos);
  CHECK(refusal(saved(word("builtins") + word("eval") + "\x93", {})).find("builtins.eval") != std::string::npos);
  CHECK(refusal(saved("I1\n", {})).ends_with("opcode 0x49 is not one that saved tensors need"));
  CHECK(refusal(saved("h\x05", {})).ends_with("memo place 5 is empty"));
  CHECK(refusal(saved("r\xff\xff\xff\x7f", {})).find("memo place") != std::string::npos);
  CHECK(refusal(saved("t", {})).ends_with("closes a group that was not opened"));
  CHECK(refusal(saved("(0", {})).find("opcode") != std::string::npos);
  CHECK(refusal(saved("X\xff\xff\xff\xff", {})).ends_with("the pickle ends inside of an opcode"));
  CHECK(refusal(saved("K\x01", {})).ends_with("it holds no dict of tensors"));
  // a dict that holds itself
  CHECK(refusal(saved("}q\0"s + word("a") + "h\0s"s, {})).ends_with("dicts are nested deeper than 8"));
}

TEST_CASE("torch file: a million nested lists need no stack") {
  std::string program = "}" + word("a");
  for (int i = 0; i < 1'000'000; ++i) program += "]";
  for (int i = 1; i < 1'000'000; ++i) program += "a";
  CHECK(opened(saved(program + "s", {})).names().empty());
}

// Each byte of a program may make a list, which takes a hundred of memory.
TEST_CASE("torch file: a program of more than 2 MiB is refused before it is read to its end") {
  const std::string program = dict({{"a", std::string(2 << 20, ']') + std::string((2 << 20) - 1, 'a')}});
  CHECK(refusal(saved(program, {})).ends_with("more than 2097152"));
  CHECK(refusal(legacy(program, "", "")).ends_with("the pickle ends inside of an opcode"));
  const std::string small = dict({{"a", std::string(1 << 19, ']') + std::string((1 << 19) - 1, 'a')}});
  CHECK(refusal(legacy(small, "", "")) == "accepted");
}

TEST_CASE("torch file: tensors stay inside of their storage") {
  const auto with = [](const std::string& tensor) {
    return refusal(saved(dict({{"a", tensor}}), {{"0", floats({1, 2, 3, 4})}}));
  };
  CHECK(with(tensor_of(kFour, 1, {2, 2}, {2, 1})) == "a reaches element 4 of storage 0, which has 4");
  CHECK(with(tensor_of(kFour, 0, {2}, {int64_t(1) << 62})).find("reaches element") != std::string::npos);
  CHECK(with(tensor_of(kFour, 0, {int64_t(1) << 32, int64_t(1) << 32}, {0, 0})).find("reaches") != std::string::npos);
  CHECK(with(tensor_of(kFour, 0, {1 << 30}, {0})).find("reaches") != std::string::npos);
  CHECK(with(tensor_of(kFour, 0, {-2}, {1})) == "a shape is no size");
  CHECK(with(tensor_of(kFour, 0, {2, 2}, {1})) == "a has 2 sizes and 1 strides");
  CHECK(with(tensor_of(storage("FloatStorage", "0", 5), 0, {2}, {1}))
            .ends_with("storage 0 has 16 bytes, but 5 elements of f32 need 20"));
  // 2^62 elements of 4 bytes are 0 bytes to a 64-bit product
  CHECK(with(tensor_of(storage("FloatStorage", "0", int64_t(1) << 62), 0, {2}, {1})).find("more than") !=
        std::string::npos);
  CHECK(with(tensor_of(storage("FloatStorage", "9", 4), 0, {2}, {1})) == "storage 9 is not in the archive");
  CHECK(with(tensor_of(storage("Float", "0", 4), 0, {2}, {1})).find("torch.Float") != std::string::npos);
  CHECK(with(tensor_of(storage("FloatStorage", "0", 4, word("view")), 0, {2}, {1})).find("a view") !=
        std::string::npos);
}

TEST_CASE("torch file: an archive that does not add up is refused") {
  const std::string good = saved(dict({{"a", kTwoByTwo}}), {{"0", floats({1, 2, 3, 4})}});
  CHECK(refusal(good) == "accepted");
  for (size_t length = 0; length < good.size(); ++length) CHECK(refusal(good.substr(0, length)) != "accepted");
  std::string flipped = good;
  flipped[good.find(floats({1, 2, 3, 4}))] ^= 1;
  CHECK(refusal(flipped).ends_with("the bytes of member archive/data/0 do not match their checksum"));
  std::string compressed = good;
  compressed[good.find("PK\1\2") + 10] = 8;
  CHECK(refusal(compressed).find("is compressed or encrypted") != std::string::npos);
  CHECK(refusal(archive({{"a/data.pkl", "}."}, {"a/data.pkl", "}."}})).find("is there twice") != std::string::npos);
  CHECK(refusal(archive({{"a/other", "}."}})).find("no data.pkl") != std::string::npos);
  CHECK(refusal(archive({{"a/data.pkl", "}."}, {"a/byteorder", "big"}})).find("byte order") != std::string::npos);
  CHECK(refusal("hello") == "offset 0: neither a zip archive nor a file of torch.save");
}

TEST_CASE("torch file: members that lead out of the archive or into each other are refused") {
  for (const char* name : {"../x", "a/../../x", "/etc/passwd", "a\\..\\x", "a\nb", ""})
    CHECK(refusal(archive({{"a/data.pkl", "}."}, {name, "x"}})).ends_with("or its name leads out of the archive"));
  const std::string good = archive({{"a/data.pkl", "}."}, {"a/more", "12345678"}});
  const size_t entry = good.rfind("PK\1\2");
  const auto with = [&](size_t at, uint64_t value, int width) {
    std::string bad = good;
    return refusal(bad.replace(at, size_t(width), little(value, width)));
  };
  CHECK(with(entry + 38, 0xa1ff0000, 4).find("a member is a link") != std::string::npos);
  CHECK(with(entry + 42, good.find("PK\3\4"), 4).find("the header's name is not a/more") != std::string::npos);
  CHECK(with(entry + 42, 0xfffffff0, 4).find("behind all members") != std::string::npos);
  CHECK(with(entry + 24, 9, 4).find("compressed or encrypted") != std::string::npos);  // the two sizes differ
  // the first member is made so long that it covers the second
  std::string bad = good;
  const size_t first = good.find("PK\1\2");
  bad.replace(first + 20, 8, little(40, 4) + little(40, 4));
  CHECK(refusal(bad).find("member a/more overlaps member a/data.pkl") != std::string::npos);
}

TEST_CASE("torch file: an archive of more than 4 GiB says so twice, and lies in it are refused") {
  // The same archive with the records that such a large one ends with.
  const auto large = [](uint64_t members, uint64_t bytes, uint64_t offset, uint64_t end) {
    std::string text = archive({{"a/data.pkl", "}."}});
    const size_t at = text.rfind("PK\5\6");
    const std::string record = "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) +
                               little(members, 8) + little(members, 8) + little(bytes, 8) + little(offset, 8);
    return text.insert(at, record + "PK\6\7" + little(0, 4) + little(end, 8) + little(1, 4));
  };
  const std::string small = archive({{"a/data.pkl", "}."}});
  const uint64_t offset = small.find("PK\1\2"), end = small.rfind("PK\5\6"), bytes = end - offset;
  CHECK(refusal(large(1, bytes, offset, end)) == "accepted");
  CHECK(refusal(large(uint64_t(1) << 60, bytes, offset, end)).ends_with("members are more than 100000"));
  CHECK(refusal(large(2, bytes, offset, end)).find("cannot hold 2 members") != std::string::npos);
  CHECK(refusal(large(0, bytes, offset, end)).find("no data.pkl") != std::string::npos);
  for (const uint64_t lie : {bytes + 1, ~uint64_t(0), ~offset + 1})
    CHECK(refusal(large(1, lie, offset, end)).find("does not end before it") != std::string::npos);
  CHECK(refusal(large(1, bytes, end + 1, end)).find("does not end before it") != std::string::npos);
  CHECK(refusal(large(1, bytes, offset + 1, end)) != "accepted");
  for (const uint64_t lie : {uint64_t(0), end + 1}) CHECK(refusal(large(1, bytes, offset, lie)) != "accepted");
  CHECK(refusal(large(1, bytes, offset, ~uint64_t(0))).find("does not fit") != std::string::npos);
}

TEST_CASE("torch file: no flipped byte crashes the reader") {
  const std::string good = saved(dict({{"a", kTwoByTwo}}), {{"0", floats({1, 2, 3, 4})}});
  for (size_t at = 0; at < good.size(); ++at) {
    for (const char bit : {1, 16, -128}) {
      std::string changed = good;
      changed[at] = char(changed[at] ^ bit);
      try {
        const TorchFile file = opened(changed);
        for (const std::string& name : file.names()) file.tensor(name).contiguous();
      } catch (const DamagedInput&) {
      }
    }
  }
}

// Two trainings of one net: what differs is the numbers.
TEST_CASE("torch file: a published net has the names and shapes of its safetensors form") {
  const std::string folder = KILM_SOURCE_DIR "/../shared/data/checkpoints/burn/";
  if (!fs::exists(folder)) {
    MESSAGE("skipped: " << folder << " is not there");
    return;
  }
  const TorchFile torch = TorchFile::open(folder + "mnist.pt");
  const auto safe = tensor::SafetensorsFile::open(folder + "mnist.safetensors");
  CHECK(std::set(torch.names().begin(), torch.names().end()) == std::set(safe.names().begin(), safe.names().end()));
  for (const std::string& name : safe.names()) {
    const Tensor a = torch.tensor(name), b = safe.tensor(name);
    REQUIRE(a.shape() == b.shape());
    REQUIRE(a.dtype() == b.dtype());
  }
  CHECK(torch.tensor("conv1.bias").to_vector<float>()[1] == -0.029866725206375122f);  // as Python's struct reads it
}
