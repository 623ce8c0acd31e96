// Makes a test program of a README: extract_lessons README NAME OUT writes its blocks marked ```cpp to OUT. A block
// that begins with #include or namespace stands at file scope; every other is the body of a test case of its own.
// Errors of the compiler and of the tests point to the README's own lines.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

namespace {

struct Block {
  int line = 0;  // of its first line of code
  std::string text;
  bool at_file_scope() const { return text.starts_with("#include") || text.starts_with("namespace"); }
};

// Reads on to the end of the block; false if the file ends first.
bool read_block(std::istream& in, Block& block, int& number) {
  for (std::string line; std::getline(in, line); block.text += line + "\n") {
    ++number;
    if (line.starts_with("```")) return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: extract_lessons README NAME OUT\n"), 2;
  const std::string readme = argv[1], name = argv[2];
  std::ifstream in(readme);
  if (!in) return std::fprintf(stderr, "%s: cannot be read\n", argv[1]), 1;
  std::ostringstream out;
  out << "// Made from " << name << " by tests/lessons/extract_lessons.cpp.\n#include <doctest/doctest.h>\n";
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line != "```cpp") continue;
    Block block{.line = number + 1};
    if (!read_block(in, block, number))
      return std::fprintf(stderr, "%s:%d: the block has no end\n", argv[1], block.line - 1), 1;
    const std::string place = "#line " + std::to_string(block.line) + " \"" + readme + "\"\n";
    if (block.at_file_scope())
      out << place << block.text;
    else
      out << "TEST_CASE(\"" << name << ", line " << block.line << "\") {\n" << place << block.text << "}\n";
  }
  std::ofstream file(argv[3]);
  file << out.str();
  return file.flush() ? 0 : (std::fprintf(stderr, "%s: cannot be written\n", argv[3]), 1);
}
