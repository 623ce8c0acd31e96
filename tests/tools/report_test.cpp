// `kilm report` as a shell sees it. What is on the page is the business of tests/kilm/report/page_test.cpp.
#include <doctest/doctest.h>

#include "tensor/base/file.h"
#include "tests/kilm/folder.h"
#include "tests/tools/process.h"

namespace fs = std::filesystem;

namespace {

constexpr const char* kStep =
    R"({"step": 1, "epoch": 0.5, "loss": 2.5, "loss_copy": 1.0, "loss_infill": null, "loss_knowledge": 3.0,)"
    R"( "grad_norm": 0.5, "lr": 0.1, "sequences": 2, "tokens_source": 8, "tokens_target": 9, "padding_share": 0.0,)"
    R"( "tokens_per_second": 34.0, "seconds": 0.5})";

}  // namespace

TEST_CASE("kilm report: writes a page beside the log, another file, standard output, or events") {
  const Folder at;
  fs::create_directories(at / "run");
  fs::create_directories(at / "data");
  at.write("run/log.jsonl", std::string(kStep) + "\n");
  at.write("run/resolved.json", "{\"seed\": 4242, \"data\": \"" + at / "data" + "\"}");
  const std::string run = at / "run";
  const Output plain = kilm("report " + run);
  CHECK(plain.code == 0);
  CHECK(plain.out == run + "/report.html\n");
  const std::string page = base::read_file(run + "/report.html");
  CHECK(page.find("<td>4242</td>") != std::string::npos);
  CHECK(page.find("<h1>run</h1>") != std::string::npos);
  CHECK(page.find("<h2>Data</h2>") == std::string::npos);
  CHECK(kilm("report " + run + "/ -o -").out == page);

  const std::string elsewhere = "report " + run + " --out " + at / "elsewhere.html";
  CHECK(kilm(elsewhere).code == 0);
  CHECK(kilm(elsewhere).code == 0);  // its own
  const Output refused = kilm("report " + run + " --out " + run + "/resolved.json");
  CHECK(refused.code == 2);
  CHECK(refused.err.find("resolved.json is there already, and not made by this command; --force") != std::string::npos);
  CHECK(base::read_file(run + "/resolved.json").starts_with("{"));
  at.write("elsewhere.html", "<!DOCTYPE html>\n");
  CHECK(kilm(elsewhere).code == 2);
  CHECK(kilm(elsewhere + " --force").code == 0);
  at.write("elsewhere.html", "");
  CHECK(kilm(elsewhere).code == 0);

  at.write("data/manifest.json", R"({"counts": {"pages": 777}})");
  const Output both = kilm("report " + run + " --tensorboard " + at / "a/b" + " --out " + at / "page.html");
  CHECK(both.out == at / "a/b/events.out.tfevents.0.kilm" + "\n" + at / "page.html" + "\n");
  CHECK(base::read_file(at / "page.html").find("<td>777</td>") != std::string::npos);
  CHECK(fs::exists(at / "a/b/events.out.tfevents.0.kilm"));
  CHECK(kilm("report " + run + " --tensorboard " + at / "c").out == at / "c/events.out.tfevents.0.kilm" + "\n");
}

TEST_CASE("kilm report: events go into a folder of events or the run's own, and the page elsewhere") {
  const Folder at;
  for (const char* folder : {"run", "model", "events/one"}) fs::create_directories(at / folder);
  at.write("run/log.jsonl", std::string(kStep) + "\n");
  at.write("run/resolved.json", "{}");
  at.write("model/config.json", "{}");
  const std::string command = "report " + at / "run" + " --tensorboard ";
  CHECK(kilm(command + at / "events").code == 0);
  CHECK(kilm(command + at / "events").code == 0);  // its own
  CHECK(kilm(command + at / "run").code == 0);
  const Output model = kilm(command + at / "model");
  CHECK(model.code == 2);
  CHECK(model.err.find("--tensorboard: " + at / "model" + " holds config.json already, not made by this command") !=
        std::string::npos);
  CHECK(kilm(command + at / "model --force").code == 0);
  const Output file = kilm(command + at / "model/config.json");
  CHECK(file.code == 2);
  CHECK(file.err.find("config.json is there already, and no folder") != std::string::npos);
  for (const char* page : {"new", "new/events.out.tfevents.0.kilm", "new/../new"}) {
    const Output one = kilm(command + at / "new" + " --out " + at / page);
    CHECK(one.code == 2);
    CHECK(one.err.find(" should be two places, none inside of the other") != std::string::npos);
    CHECK(!fs::exists(at / "new"));
  }
}

TEST_CASE("kilm report: a folder that is no run or has no step exits with 2, a damaged log with 3") {
  const Folder at;
  CHECK(kilm("report " + at.path.string()).code == 2);
  at.write("log.jsonl", "");
  CHECK(kilm("report " + at.path.string()).code == 2);
  at.write("log.jsonl", std::string(kStep) + "\n{}\n");
  const Output damaged = kilm("report " + at.path.string());
  CHECK(damaged.code == 3);
  CHECK(damaged.err.find("log.jsonl: line 2: ") != std::string::npos);
  CHECK(!fs::exists(at / "report.html"));
}
