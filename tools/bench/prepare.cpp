// Preparation of a dump: MB/s of the file, from its bytes to paragraphs with links.
#include <cstdio>
#include <filesystem>

#include "kilm/prepare/prepare.h"
#include "tensor/base/format.h"
#include "tools/bench/bench.h"

namespace bench {

void prepare(const Options& options) {
  base::check<base::UsageError>(!options.file.empty(), "bench: prepare needs --file DUMP");
  kilm::prepare::PrepareOptions how;
  how.collect.dumps = {options.file};
  int64_t paragraphs = 0, bytes = 0;
  const auto run = [&] {
    paragraphs = bytes = 0;
    kilm::prepare::prepare(how, {.paragraphs = [&](std::string_view line) {
                             ++paragraphs;
                             bytes += int64_t(line.size());
                           }});
  };
  const double seconds = best_seconds(
      options.seconds, run, [] {}, 2);
  const double megabytes = double(std::filesystem::file_size(options.file)) * 1e-6;
  if (options.json) {
    base::Json line = result("prepare", options);
    line.set("file_mb", megabytes);
    line.set("paragraphs", paragraphs);
    line.set("paragraphs_mb", double(bytes) * 1e-6);
    line.set("seconds", seconds);
    line.set("mb_per_second", megabytes / seconds);
    print(line);
  } else {
    std::printf("%.1f MB: %ld paragraphs, %.1f MB of JSON, in %.2f s: %.1f MB/s\n", megabytes, long(paragraphs),
                double(bytes) * 1e-6, seconds, megabytes / seconds);
  }
}

}  // namespace bench
