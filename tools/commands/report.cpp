// `kilm report`: what a run has done so far, as a page or for TensorBoard.
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>

#include "kilm/report/page.h"
#include "kilm/report/tensorboard.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tools/commands.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

namespace fs = std::filesystem;
using base::check;
using base::Json;
using base::UsageError;

struct Arguments {
  std::string run;
  std::optional<std::string> out, tensorboard;
  bool force = false;
};

void declare(Options& options, Arguments& a) {
  options.add("RUN", a.run, "folder made by kilm train, which may still be at work in it");
  options.add("-o,--out FILE", a.out, "the page (default RUN/report.html); - is standard output");
  declare_force(options, a.force);
  options.add("--tensorboard DIR", a.tensorboard, "write a file of events for TensorBoard there; a page only if --out");
}

// Returns the statistics of the data, unless they are gone.
std::optional<Json> manifest_of(const Json& settings) {
  const Json* data = settings.find("data");
  if (!data || !data->is_string() || !fs::is_regular_file(data->as_string() + "/manifest.json")) return std::nullopt;
  return base::read_json_file(data->as_string() + "/manifest.json");
}

void write_page(const Arguments& a, const kilm::report::History& history) {
  const Json settings = base::read_json_file(a.run + "/resolved.json");
  const std::string name = fs::absolute(a.run + "/.").lexically_normal().parent_path().filename().string();
  const std::string page = kilm::report::report_page({name, history, settings, manifest_of(settings)});
  if (a.out == "-") {
    std::fwrite(page.data(), 1, page.size(), stdout);
    return;
  }
  const std::string path = a.out.value_or(a.run + "/report.html");
  base::write_file_atomically(path, page);
  std::printf("%s\n", path.c_str());
}

std::string events_path(const std::string& folder) { return folder + "/events.out.tfevents.0.kilm"; }

void write_events(const std::string& folder, const std::string& log, const kilm::report::History& history) {
  struct stat status;
  check(::stat(log.c_str(), &status) == 0, "{}: is gone", log);
  fs::create_directories(folder);
  const std::string path = events_path(folder);
  base::write_file_atomically(path, kilm::report::tensorboard_events(history, double(status.st_mtime)));
  std::printf("%s\n", path.c_str());
}

bool is_page(const std::string& path) { return kilm::report::is_report_page(base::read_file(path)); }

// Returns what a folder holds besides events and folders of them.
std::string foreign(const std::string& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() && !name.starts_with("events.out.tfevents.")) return name;
  }
  return "";
}

void check_outputs(const Arguments& a) {
  std::error_code ignored;
  if (a.out && a.out != "-") check_output_file("--out", *a.out, a.force, is_page);
  if (!a.tensorboard) return;
  const bool is_run = fs::equivalent(*a.tensorboard, a.run, ignored);
  check_output_folder("--tensorboard", *a.tensorboard, a.force || is_run, foreign);
  if (a.out && a.out != "-") check_outputs_apart({{"--out", *a.out}, {"--tensorboard", events_path(*a.tensorboard)}});
}

int run(const Arguments& a) {
  check_outputs(a);
  const std::string log = a.run + "/log.jsonl";
  check<UsageError>(fs::is_regular_file(log), "{}: is no run, it has no log.jsonl", a.run);
  const kilm::report::History history = kilm::report::read_history(log);
  if (a.tensorboard) write_events(*a.tensorboard, log, history);
  if (a.out || !a.tensorboard) write_page(a, history);
  return 0;
}

}  // namespace

Command report() {
  return command<Arguments>("report", "shows the course of a run as a page of curves, or for TensorBoard",
                            "kilm report run\n"
                            "kilm report run --tensorboard events && tensorboard --logdir events",
                            declare, run);
}

}  // namespace tools
