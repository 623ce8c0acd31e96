// tools/cuda_report with a script in the place of nvcc: what it tells of a kernel, and what it calls a fault.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/kilm/folder.h"

namespace {

// A kernel of 256 threads as nvcc would tell of it.
struct Kernel {
  int registers = 40, stack = 0, spilled = 0, shared = 2048;
  bool packed = true;
  int products = 2;
};

class Report {
 public:
  Report() {
    at.write("nvcc", R"(#!/bin/sh
[ "$1" = --version ] && echo "Cuda compilation tools, release 13.0, V13.0.88" && exit
while [ $# -gt 0 ]; do
  case $1 in --keep-dir) keep=$2 ;; *.cu) file=$1 ;; esac
  shift
done
cp "$file" "$keep/kernels.ptx"
cat "$file.ptxas" >&2
)");
    std::filesystem::permissions(at / "nvcc", std::filesystem::perms::owner_all);
  }

  // Runs the report of the kernel on architecture 80, and returns the exit code.
  int run(const Kernel& kernel, const std::string& options = "") {
    std::string body =
        kernel.packed ? "\tld.global.v4.u32 \t{%r1, %r2, %r3, %r4}, [%rd1];\n" : "\tld.global.u32 %r1;\n";
    for (int i = 0; i < kernel.products; ++i) body += "\tmma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {};\n";
    at.write("some.cu", ".visible .entry _ZN6tensor4cuda12_GLOBAL__N_14packIfEEvPT_(\n)\n.maxntid 256, 1, 1\n{\n" +
                            body + "\t// shared memory of a launch: " + std::to_string(kernel.shared) + " bytes\n}\n");
    const std::string name = "_ZN6tensor4cuda12_GLOBAL__N_14packIfEEvPT_";
    at.write("some.cu.ptxas", "ptxas info    : Compiling entry function '" + name +
                                  "' for 'sm_80'\nptxas info    : Function properties for " + name + "\n    " +
                                  std::to_string(kernel.stack) + " bytes stack frame, " +
                                  std::to_string(kernel.spilled) + " bytes spill stores, " +
                                  std::to_string(kernel.spilled) + " bytes spill loads\nptxas info    : Used " +
                                  std::to_string(kernel.registers) +
                                  " registers, used 1 barriers, 400 bytes cmem[0]\n");
    const std::string command = "NVCC=" + at / "nvcc" + " '" KILM_SOURCE_DIR "/tools/cuda_report' --pins " +
                                at / "pins" + " --arch 80 " + options + " " + at / "some.cu" + " >" + at / "out" +
                                " 2>&1";
    const int status = std::system(command.c_str());
    std::stringstream text;
    text << std::ifstream(at / "out").rdbuf();
    told = text.str();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  bool tells(const std::string& part) const { return told.find(part) != std::string::npos; }

  Folder at;
  std::string told;
};

}  // namespace

TEST_CASE("cuda_report: a kernel without fault is told with its occupancy, and pinned") {
  Report report;
  CHECK_MESSAGE(report.run({}) == 0, report.told);
  CHECK_MESSAGE(report.tells("pack<float>"), report.told);
  CHECK_MESSAGE(report.tells("75%"), report.told);  // 1280 registers a warp: 51 warps, six blocks of eight
  CHECK(report.tells("1 kernels are not pinned"));
  CHECK(report.run({}, "--pin") == 0);
  CHECK(report.run({}) == 0);
  CHECK(!report.tells("not pinned"));
}

TEST_CASE("cuda_report: stack frames, spills and blocks that fit nowhere are faults, pinned or not") {
  Report report;
  CHECK(report.run({.stack = 16}) == 1);
  CHECK_MESSAGE(report.tells("a stack frame of 16 bytes"), report.told);
  CHECK(report.run({.spilled = 4}, "--pin") == 1);
  CHECK_MESSAGE(report.tells("8 bytes spilled"), report.told);
  CHECK(report.run({.shared = 164 << 10}) == 1);
  CHECK_MESSAGE(report.tells("no block fits"), report.told);
}

TEST_CASE("cuda_report: what is worse than pinned is a fault, what is better is none") {
  Report report;
  REQUIRE(report.run({}, "--pin") == 0);
  CHECK(report.run({.packed = false}) == 1);
  CHECK_MESSAGE(report.tells("no 128-bit load; there were 1"), report.told);
  CHECK(report.run({.registers = 41}) == 1);
  CHECK_MESSAGE(report.tells("41 registers; there were 40"), report.told);
  CHECK(report.run({.shared = 80 << 10}) == 1);
  CHECK_MESSAGE(report.tells("2 blocks in a multiprocessor; there were 6"), report.told);
  CHECK(report.run({.products = 3}) == 1);
  CHECK_MESSAGE(report.tells("3 mma; there were 2"), report.told);
  CHECK(report.run({.registers = 32, .shared = 0}) == 0);
}
