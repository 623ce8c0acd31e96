// Nothing may be added without a test. An op of autograd without an OpCase and an op of tensor that no test calls are
// found here, in the sources themselves. So is a composite that no case is compared with. Of kernels it is known which
// ran: when all cases of this program have run, every field of every table must have been launched.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tensor/cpu/tables.h"
#include "tensor/format.h"
#include "tensor/launch.h"
#include "tests/final_check.h"

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

// Returns the files of `folder` whose names end in `ending`, one after another, without comments.
std::string code(const fs::path& folder, const std::string& ending, const std::string& without = "") {
  std::vector<fs::path> files;
  if (fs::exists(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().string().ends_with(ending) && entry.path().filename() != without) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::string text;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) text += line.substr(0, line.find("//")) + "\n";
  }
  return text;
}

// Returns what the first group of `pattern` matches, in the order of the text.
std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern, std::regex::ECMAScript | std::regex::multiline);
  std::vector<std::string> names;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match)
    names.push_back((*match)[1]);
  return names;
}

Names all(const std::string& text, const std::string& pattern) {
  const std::vector<std::string> names = matches(text, pattern);
  return {names.begin(), names.end()};
}

// Lists functions declared at the start of a line.
Names declared(const std::string& headers) { return all(headers, R"(^(?:inline )?[A-Za-z_][\w:<>]*[ *&]+(\w+)\()"); }

// Returns the parts of the text from each `begin` to the next `end` (or to the end of the text).
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  std::string parts;
  for (size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1))
    parts += text.substr(at, text.find(end, at) - at) + "\n";
  return parts;
}

// Returns the fields of a table in the order of kernels.h.
std::vector<std::string> fields(const std::string& table) {
  static const std::string kernels = code(fs::path(KILM_SOURCE_DIR) / "tensor", "kernels.h");
  return matches(between(kernels, "struct " + table + " {", "\n};"), R"(\(\*(\w+)\)\()");
}

// Calls f(family, field, its place) for the fields of a table, which is nothing but function pointers.
template <class Table, class F>
void for_each_field(const Table& table, const std::string& family, F&& f) {
  const std::vector<std::string> names = fields(family);
  base::check(names.size() == sizeof(Table) / sizeof(void (*)()), "{}: {} fields were found in kernels.h", family,
              names.size());
  const auto* place = reinterpret_cast<void (*const*)()>(&table);
  for (const std::string& name : names) f(family, name, place++);
}

template <class F>
void for_each_field(const tensor::Backend& backend, F&& f) {
#define KILM_VISIT(name, Type) for_each_field(*backend.name, #Type "Kernels", f);
  KILM_FAMILIES(KILM_VISIT)
#undef KILM_VISIT
}

// The places of fields whose kernel an op launched.
using Places = std::set<const void*>;

// Returns the kernels of the CPU whose place is not among those.
std::string unreached(const Places& launched) {
  std::string list;
  for_each_field(tensor::cpu_backend(), [&](const std::string& family, const std::string& field, const void* place) {
    if (!launched.contains(place)) list += field + " in " + family + ": no test of an op launches it\n";
  });
  return list;
}

Places launched;
std::mutex mutex;

void note(const char*, const void* field, tensor::Device) {
  const std::lock_guard lock(mutex);
  launched.insert(field);
}

// From the start of the program.
const bool watching = [] {
  static constexpr tensor::LaunchObserver observer{.begins = note};
  tensor::Launch::set_observer(&observer);
  return true;
}();

const tests::FinalCheck every_kernel_ran("every kernel is launched by a test of an op",
                                         [] { return unreached(launched); });

// Returns what the sources below `root` declare and no test of theirs reaches.
Names uncovered(const fs::path& root) {
  Names missing;
  const auto require = [&](const Names& names, const Names& reached, const std::string& what) {
    for (const std::string& name : names)
      if (!reached.contains(name)) missing.insert(name + what);
  };
  const std::string cases = code(root / "tests/ops", "_test.cpp");
  require(declared(code(root / "autograd/ops", ".h", "composite.h")),
          all(between(cases, ".run =", ".reference ="), R"(autograd::(\w+)\()"), ": no op case runs it");
  require(declared(between(code(root / "autograd/ops", "composite.h"), "namespace composite {", "}  // namespace")),
          all(between(cases, ".reference =", "_CASE("), R"(composite::(\w+)\()"), ": no op case refers to it");
  Names called = all(code(root / "autograd/ops", ".cpp"), R"(tensor::(\w+)\()");
  for (const char* folder : {"tests/ops", "tests/ops/tensor", "tests/optim"})
    called.merge(all(code(root / folder, "_test.cpp"), R"(\b(\w+)\()"));
  const std::string headers = code(root / "tensor/ops", ".h");
  called.merge(all(headers, R"(return (\w+)\()"));  // add, sub and scale are calls in the header
  require(declared(headers), called, ": neither an op of autograd nor a test calls it");
  return missing;
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("every op and composite is reached by a test") {
  std::string list;
  for (const std::string& name : uncovered(KILM_SOURCE_DIR)) list += name + "\n";
  CHECK(list == "");
}

TEST_CASE("no kernel is missing in the tables of the CPU") {
  size_t count = 0;
#define KILM_CHECK_TABLE(name, Type)                                                                               \
  for (const Type##Kernels* table :                                                                                \
       {&cpu::baseline::name##_kernels, &cpu::avx2::name##_kernels, &cpu::avx512::name##_kernels})                 \
    for_each_field(*table, #Type "Kernels", [&](const std::string&, const std::string& field, const auto* place) { \
      CHECK_MESSAGE(bool(*place), field << " in " #Type "Kernels");                                                \
      ++count;                                                                                                     \
    });
  using namespace tensor;
  KILM_FAMILIES(KILM_CHECK_TABLE)
#undef KILM_CHECK_TABLE
  CHECK(count >= 3 * 40);
}

TEST_CASE("a kernel that no test reaches is named") {
  Places all_but_one;
  for_each_field(tensor::cpu_backend(), [&](const std::string&, const std::string& field, const void* place) {
    if (field != "layer_norm") all_but_one.insert(place);
  });
  CHECK(unreached(all_but_one) == "layer_norm in NormKernels: no test of an op launches it\n");
}

TEST_CASE("no kernel allocates: what one needs beside its outputs is given to it") {
  const fs::path root = KILM_SOURCE_DIR;
  const std::string kernels = code(root / "tensor/cpu/kernels", ".cpp") + code(root / "tensor/cpu", ".h");
  CHECK(kernels.size() > 50000);
  const char* allocation =
      R"(\b(std::(?:vector|string|map)|new|malloc|make_(?:unique|shared)|thread_local|Tensor::\w+)\b)";
  CHECK(all(kernels, allocation) == Names{});
}

TEST_CASE("the coverage test names what is added without a test") {
  const fs::path root = fs::path(KILM_BINARY_DIR) / "coverage_test";
  fs::remove_all(root);
  write(root / "tensor/ops/norm.h", "Tensor tested(const Tensor& x);\nTensor untested(const Tensor& x,\n  int y);\n");
  write(root / "autograd/ops/norm.h", "// Variable old(const Variable& x);\nVariable norm(const Variable& x);\n");
  write(root / "autograd/ops/norm.cpp", "Tensor y = tensor::tested(x);\n");
  write(root / "autograd/ops/composite.h",
        "bool fused();\nnamespace composite {\nVariable norm(const Variable& x);\n}\n");
  const auto cases = [&](const std::string& run) {
    write(root / "tests/ops/norm_test.cpp", ".run = " + run + ",\n.reference = composite::other(x)\n");
  };
  const Names always = {"norm: no op case refers to it", "untested: neither an op of autograd nor a test calls it"};
  cases("autograd::norm(x)");
  CHECK(uncovered(root) == always);
  cases("// autograd::norm(x)");
  Names more = always;
  more.insert("norm: no op case runs it");
  CHECK(uncovered(root) == more);
  fs::remove_all(root);
}
