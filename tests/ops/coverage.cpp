// Nothing may be added without a test: an op of autograd without an OpCase, a composite that no case is compared with,
// an op of tensor or a kernel that no test reaches is found here. The lists are read from the sources themselves.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tensor/cpu/tables.h"

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

// The files of `folder` whose names end in `ending`, one after another, without comments.
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

Names all(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern, std::regex::ECMAScript | std::regex::multiline);
  Names names;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match)
    names.insert((*match)[1]);
  return names;
}

// Functions declared at the start of a line.
Names declared(const std::string& headers) { return all(headers, R"(^(?:inline )?[A-Za-z_][\w:<>]*[ *&]+(\w+)\()"); }

// The parts of the text from each `begin` to the next `end` (or to the end of the text).
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  std::string parts;
  for (size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1))
    parts += text.substr(at, text.find(end, at) - at) + "\n";
  return parts;
}

// name(field) of every table in kernels.h: "NormKernels" -> its fields.
Names fields(const std::string& kernels, const std::string& table) {
  return all(between(kernels, "struct " + table + " {", "\n};"), R"(\(\*(\w+)\)\()");
}

Names tables(const std::string& kernels) { return all(kernels, R"(^struct (\w+Kernels) \{)"); }

// What the sources below `root` declare and no test of theirs reaches.
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
          all(between(cases, ".reference =", "TEST_CASE"), R"(composite::(\w+)\()"), ": no op case refers to it");
  Names called = all(code(root / "autograd/ops", ".cpp"), R"(tensor::(\w+)\()");
  for (const char* folder : {"tests/ops", "tests/tensor", "tests/optim"})
    called.merge(all(code(root / folder, "_test.cpp"), R"(\b(\w+)\()"));
  const std::string headers = code(root / "tensor/ops", ".h");
  called.merge(all(headers, R"(return (\w+)\()"));  // add, sub and scale are calls in the header
  require(declared(headers), called, ": neither an op of autograd nor a test calls it");
  const std::string kernels = code(root / "tensor", "kernels.h");
  // "norm->layer_norm", "norm.layer_norm" or "norm_kernels(x).layer_norm"
  const Names dispatched =
      all(code(root / "tensor/ops", ".cpp") + code(root / "tensor", "tensor.cpp"),
          R"((?:elementwise|reduce|matmul|index|norm|attention|loss|update)(?:_kernels\(\w+\))?(?:->|\.)(\w+))");
  for (const std::string& table : tables(kernels))
    require(fields(kernels, table), dispatched, " in " + table + ": no op dispatches it");
  return missing;
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("every op, composite and kernel is reached by a test") {
  std::string list;
  for (const std::string& name : uncovered(KILM_SOURCE_DIR)) list += name + "\n";
  CHECK(list == "");
}

TEST_CASE("no kernel is missing in the tables of the CPU") {
  const std::string kernels = code(fs::path(KILM_SOURCE_DIR) / "tensor", "kernels.h");
  CHECK(tables(kernels).size() == 8);
  // A table is nothing but function pointers.
  const auto check = [&]<class Table>(const Table& table, const std::string& type, const char* isa) {
    CAPTURE(type);
    CAPTURE(isa);
    const size_t count = sizeof(Table) / sizeof(void (*)());
    CHECK(count == fields(kernels, type).size());
    const auto* pointer = reinterpret_cast<void (*const*)()>(&table);
    for (size_t i = 0; i < count; ++i) CHECK_MESSAGE(bool(pointer[i]), "field " << i);
  };
  const auto check_all = [&](const char* isa, const auto&... table) {
    const char* types[] = {"ElementwiseKernels", "ReduceKernels",    "MatmulKernels", "IndexKernels",
                           "NormKernels",        "AttentionKernels", "LossKernels",   "UpdateKernels"};
    size_t i = 0;
    (check(table, types[i++], isa), ...);
  };
#define KILM_CHECK_TABLES(isa)                                                                                    \
  check_all(#isa, tensor::cpu::isa::elementwise, tensor::cpu::isa::reduce, tensor::cpu::isa::matmul,              \
            tensor::cpu::isa::index, tensor::cpu::isa::norm, tensor::cpu::isa::attention, tensor::cpu::isa::loss, \
            tensor::cpu::isa::update)
  KILM_CHECK_TABLES(baseline);
  KILM_CHECK_TABLES(avx2);
  KILM_CHECK_TABLES(avx512);
#undef KILM_CHECK_TABLES
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
  write(root / "tensor/kernels.h",
        "struct NormKernels {\n  void (*seen)(Tensor& y);\n  void (*unseen)(Tensor& y);\n};\n");
  write(root / "tensor/ops/norm.h", "Tensor tested(const Tensor& x);\nTensor untested(const Tensor& x,\n  int y);\n");
  write(root / "tensor/ops/norm.cpp", "kernel(norm.seen, op, device)(y);\n");
  write(root / "autograd/ops/norm.h", "// Variable old(const Variable& x);\nVariable norm(const Variable& x);\n");
  write(root / "autograd/ops/norm.cpp", "Tensor y = tensor::tested(x);\n");
  write(root / "autograd/ops/composite.h",
        "bool fused();\nnamespace composite {\nVariable norm(const Variable& x);\n}\n");
  const auto cases = [&](const std::string& run) {
    write(root / "tests/ops/norm_test.cpp", ".run = " + run + ",\n.reference = composite::other(x)\n");
  };
  const Names always = {"norm: no op case refers to it", "untested: neither an op of autograd nor a test calls it",
                        "unseen in NormKernels: no op dispatches it"};
  cases("autograd::norm(x)");
  CHECK(uncovered(root) == always);
  cases("// autograd::norm(x)");
  Names more = always;
  more.insert("norm: no op case runs it");
  CHECK(uncovered(root) == more);
  fs::remove_all(root);
}
