// The tokenizer on a text file: MB/s of encoding and of decoding.
#include <cstdio>

#include "kilm/tokenizer/tokenizer.h"
#include "tensor/base/file.h"
#include "tensor/base/format.h"
#include "tools/bench/bench.h"

namespace bench {

void tokenizer(const Options& options) {
  base::check<base::UsageError>(!options.tokenizer.empty() && !options.file.empty(),
                                "bench: tokenizer needs --tokenizer DIR and --file TEXT");
  const kilm::tokenizer::Tokenizer tokenizer = kilm::tokenizer::Tokenizer::load(options.tokenizer);
  const std::string text = base::read_file(options.file);
  std::vector<int32_t> ids;
  const double encode = best_seconds(options.seconds, [&] { ids = tokenizer.encode(text); });
  const double decode = best_seconds(options.seconds, [&] { tokenizer.decode(ids); });
  const double megabytes = double(text.size()) * 1e-6;
  if (options.json) {
    base::Json line = result("tokenizer", options);
    line.set("bytes", int64_t(text.size()));
    line.set("tokens", int64_t(ids.size()));
    line.set("encode_mb_per_second", megabytes / encode);
    line.set("decode_mb_per_second", megabytes / decode);
    print(line);
  } else {
    std::printf("%.1f MB, %ld tokens: encode %.1f MB/s, decode %.1f MB/s\n", megabytes, long(ids.size()),
                megabytes / encode, megabytes / decode);
  }
}

}  // namespace bench
