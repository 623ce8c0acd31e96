// Text in each format that a dump comes in, with small blocks: a cut loses little.
#pragma once

#include <bzlib.h>
#include <doctest/doctest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <memory>
#include <string>

inline std::string bzip2(const std::string& text) {
  std::string out(text.size() + text.size() / 100 + 600, '\0');
  unsigned size = unsigned(out.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()), unsigned(text.size()), 1, 0, 0) ==
          BZ_OK);
  return out.substr(0, size);
}

inline std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = unsigned(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = unsigned(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Compresses as xz. `dictionary` is how far back the decoder must look: bytes, 0 as xz -1 does.
inline std::string xz(const std::string& text, uint32_t dictionary = 0) {
  lzma_options_lzma options;
  REQUIRE(!lzma_lzma_preset(&options, 1));
  if (dictionary > 0) options.dict_size = dictionary;
  const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  REQUIRE(lzma_stream_buffer_encode(const_cast<lzma_filter*>(filters), LZMA_CHECK_CRC64, nullptr,
                                    reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                                    reinterpret_cast<uint8_t*>(out.data()), &size, out.size()) == LZMA_OK);
  return out.substr(0, size);
}

// Compresses as zstd. The window is 2^window_log bytes, 0 as zstd -1 chooses.
inline std::string zstd(const std::string& text, int window_log = 0) {
  const std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer from{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};  // as a stream: its length is not known at its begin, as with a pipe
  if (!text.empty()) REQUIRE(!ZSTD_isError(ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_continue)));
  REQUIRE(ZSTD_compressStream2(context.get(), &to, &from, ZSTD_e_end) == 0);
  return out.substr(0, to.pos);
}

struct Format {
  const char* name;
  std::string (*pack)(const std::string&);
};
inline const Format kFormats[] = {{"bzip2", bzip2},
                                  {"gzip", gzip},
                                  {"xz", [](const std::string& text) { return xz(text); }},
                                  {"zstd", [](const std::string& text) { return zstd(text); }}};
