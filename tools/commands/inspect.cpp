// `kilm inspect`: what a file or folder holds, and whether it is whole.
#include "kilm/inspection/inspect.h"

#include <cstdio>

#include "kilm/dataset/prepared_data.h"
#include "tensor/base/format.h"
#include "tools/commands.h"

namespace tools {

namespace {

using base::format;
using base::Json;

struct Arguments {
  std::string path;
  std::optional<kilm::dataset::Split> split;
  bool json = false;
};

void declare(Options& options, Arguments& a) {
  options.add("FILE_OR_FOLDER", a.path, "model, checkpoint, run, tokenizer or data folder, or one file of these");
  options.add("--split S", a.split, kilm::dataset::kSplits,
              "print the paragraphs of this split of a data folder as JSON lines");
  options.add("--json", a.json, "print one JSON object");
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Appends one line for each value and item of a list. The values of an object stand inset below its name.
void append_lines(std::string& out, const Json& json, const std::string& inset) {
  for (const auto& [key, value] : json.members()) {
    if (value.is_object()) {
      out += format("{}{}\n", inset, key);
      append_lines(out, value, inset + "  ");
    } else if (value.is_array()) {
      for (const Json& item : value.items())
        out += format("{}{}: {}\n", inset, key, item.is_string() ? item.as_string() : item.dump());
    } else {
      out += format("{}{:<27} {}\n", inset, key, value.is_string() ? value.as_string() : value.dump());
    }
  }
}

int run(const Arguments& a) {
  if (a.split) {
    kilm::dataset::PreparedData(a.path).for_paragraphs(*a.split, [&](const kilm::dataset::StoredParagraph& paragraph) {
      print(kilm::dataset::to_json_line(paragraph, *a.split));
    });
    return 0;
  }
  const Json json = kilm::inspection::inspect(a.path);
  std::string lines;
  if (!a.json) append_lines(lines, json, "");
  print(a.json ? json.dump() + "\n" : lines);
  return 0;
}

}  // namespace

Command inspect() {
  return command<Arguments>("inspect", "tells what a file or folder holds, and whether it is whole",
                            "kilm inspect bart-base\n"
                            "kilm inspect RUN --json\n"
                            "kilm inspect DATA --split held_out --json | head",
                            declare, run);
}

}  // namespace tools
