// Every setting of a run, from each of the places where one may stand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>

#include "tests/kilm/folder.h"
#include "tests/tools/process.h"
#include "tests/tools/setting_texts.h"

using base::Json;

namespace {

std::string option_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

std::string variable_of(std::string name) {
  for (char& c : name) c = char(std::toupper(static_cast<unsigned char>(c)));
  return "KILM_" + name;
}

std::string line_of(const std::string& name, const std::string& value) { return name + " = \"" + value + "\"\n"; }

// Returns every field of resolved.json with another value than the default.
Json other_fields() {
  Json json = default_settings();
  for (const SettingText& setting : setting_texts()) {
    CHECK(!(json.at(setting.name) == setting.field));
    json.set(setting.name, setting.field);
  }
  return json;
}

void check_printed(const Output& output, const Json& expected) {
  REQUIRE_MESSAGE(output.code == 0, output.err);
  CHECK(base::parse_json(output.out, "standard output").dump(2) == expected.dump(2));
}

}  // namespace

TEST_CASE("kilm train: every setting is an option, a variable and a line of a file, and is printed") {
  const Folder folder;
  std::string options, variables, lines;
  for (const auto& [name, help, value, field, choices] : setting_texts()) {
    options += " " + option_of(name) + " " + value;
    variables += variable_of(name) + "=" + value + " ";
    lines += line_of(name, value);
  }
  folder.write("settings.toml", lines);
  check_printed(kilm("train --print-config"), default_settings());
  check_printed(kilm("train --print-config" + options), other_fields());
  check_printed(kilm("train --print-config", "", variables), other_fields());
  check_printed(kilm("train --print-config --config " + folder / "settings.toml"), other_fields());
}

TEST_CASE("kilm train: a run's settings are those of its resolved.json, and what may not change stays") {
  const Folder folder;
  const std::string resume = "train --print-config --resume " + folder.path.string();
  Json fields = other_fields();
  folder.write("resolved.json", fields.dump());
  fields.set("out", folder.path.string());
  check_printed(kilm(resume), fields);
  check_printed(kilm(resume + " --schedule inverse_sqrt"), fields);
  const Output other = kilm(resume + " --schedule linear");
  CHECK(other.code == 2);
  CHECK(other.err.find("schedule: linear is not the inverse_sqrt that the run began with") != std::string::npos);
  fields.set("on_nonfinite", "stop");
  fields.set("threads", 1);
  check_printed(kilm(resume + " --on-nonfinite stop --threads 1"), fields);
  fields.set("device", "cpu");
  const Output moved = kilm(resume + " --on-nonfinite stop --threads 1 --device cpu");
  check_printed(moved, fields);
  CHECK(moved.err == folder.path.string() + ": began on cuda:1 and goes on on cpu, where bits may differ\n");
  fields.set("recompute", "some");
  folder.write("resolved.json", fields.dump());
  const Output broken = kilm(resume);
  CHECK(broken.code == 3);
  CHECK(broken.err.find("resolved.json: recompute: some should be none, attention or layer") != std::string::npos);
}

TEST_CASE("kilm train: a word that is no choice is refused with the list, wherever it stands") {
  const Folder folder;
  int64_t settings = 0;
  for (const SettingText& setting : setting_texts()) {
    if (setting.choices.empty()) continue;
    ++settings;
    std::string list;
    for (const std::string& choice : setting.choices) list += (list.empty() ? "" : ",") + choice;
    folder.write("settings.toml", line_of(setting.name, "nonsense"));
    for (const Output& output : {kilm("train --print-config " + option_of(setting.name) + " nonsense"),
                                 kilm("train --print-config", "", variable_of(setting.name) + "=nonsense"),
                                 kilm("train --print-config --config " + folder / "settings.toml")}) {
      CAPTURE(output.err);
      CHECK(output.code == 2);
      CHECK(output.err.find("nonsense not in {" + list + "}") != std::string::npos);
    }
  }
  CHECK(settings == 7);
}

TEST_CASE("kilm train --help: a setting is explained, with its default and its choices") {
  const std::string help = kilm("train --help").out;
  for (const SettingText& setting : setting_texts()) {
    CAPTURE(setting.name);
    CHECK(help.find("  " + option_of(setting.name) + " ") != std::string::npos);
    CHECK(help.find(setting.help + " (default ") != std::string::npos);
  }
  CHECK(help.find("(default linear): {constant,linear,cosine,inverse_sqrt}") != std::string::npos);
  CHECK(help.find("(default on): {on,off}") != std::string::npos);
}
