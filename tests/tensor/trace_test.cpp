#include "tensor/trace.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "tensor/base/json.h"

using tensor::Trace;
using tensor::TracePath;

TEST_CASE("trace: the innermost scope is known while tracing is off, per thread") {
  CHECK(Trace::innermost() == nullptr);
  {
    Trace outer("outer");
    {
      Trace inner("inner");
      CHECK(Trace::innermost() == std::string("inner"));
      std::thread([] { CHECK(Trace::innermost() == nullptr); }).join();
    }
    CHECK(Trace::innermost() == std::string("outer"));
  }
  CHECK(Trace::innermost() == nullptr);
}

TEST_CASE("trace: paths nest with dots, per thread") {
  CHECK(tensor::trace_path().empty());
  {
    TracePath encoder("encoder");
    TracePath layer("layers.3");
    CHECK(tensor::trace_path() == "encoder.layers.3");
    std::thread([] { CHECK(tensor::trace_path().empty()); }).join();
  }
  CHECK(tensor::trace_path().empty());
}

TEST_CASE("trace: a guard sets the whole path, and puts back what it was") {
  const TracePath encoder("encoder");
  {
    const tensor::TracePathGuard guard("decoder.layers.1");
    const TracePath inner("fc1");
    CHECK(tensor::trace_path() == "decoder.layers.1.fc1");
  }
  CHECK(tensor::trace_path() == "encoder");
}

TEST_CASE("trace: rows sum calls, bytes and flops; time inside counts once") {
  { Trace before("not recorded"); }
  tensor::start_tracing();
  for (int i = 0; i < 3; ++i) {
    Trace outer("outer", 100, 10);
    Trace inner("inner", 1000);
  }
  tensor::stop_tracing();
  { Trace after("not recorded"); }
  const std::vector<tensor::TraceRow> rows = tensor::trace_rows();
  REQUIRE(rows.size() == 2);
  const tensor::TraceRow& outer = rows[0].op == "outer" ? rows[0] : rows[1];
  const tensor::TraceRow& inner = rows[0].op == "outer" ? rows[1] : rows[0];
  CHECK(outer.calls == 3);
  CHECK(outer.bytes == 300);
  CHECK(outer.flops == 30);
  CHECK(inner.bytes == 3000);
  CHECK(outer.seconds >= inner.seconds);
  CHECK(outer.self_seconds == doctest::Approx(outer.seconds - inner.seconds));
  CHECK(rows[0].self_seconds >= rows[1].self_seconds);
  const std::string table = tensor::trace_table();
  CHECK(table.starts_with("op"));
  CHECK(table.find("GFLOP/s") != std::string::npos);
  CHECK(table.find("not recorded") == std::string::npos);
  tensor::trace_note("chosen once");
  tensor::start_tracing();
  tensor::stop_tracing();
  CHECK(tensor::trace_table().ends_with("\nchosen once\n"));
}

TEST_CASE("trace: the file holds every scope with its place") {
  tensor::start_tracing();
  {
    TracePath path("decoder");
    Trace outer("outer", 7, 8);
    std::thread([] { Trace other("other \"thread\""); }).join();
  }
  tensor::stop_tracing();
  const std::string path =
      (std::filesystem::temp_directory_path() / ("kilm-trace-" + std::to_string(getpid()))).string();
  tensor::write_trace(path);
  const base::Json trace = base::read_json_file(path);
  std::filesystem::remove(path);
  const base::Json::Array& events = trace.at("traceEvents").items();
  REQUIRE(events.size() == 2);
  const base::Json &other = events[0], &outer = events[1];  // in the order in which they ended
  CHECK(other.at("name").as_string() == "other \"thread\"");
  CHECK(outer.at("args").at("path").as_string() == "decoder");
  CHECK(outer.at("args").at("bytes").as_int() == 7);
  CHECK(outer.at("args").at("flops").as_int() == 8);
  CHECK(outer.at("tid").as_int() != other.at("tid").as_int());
  CHECK(outer.at("ts").as_number() <= other.at("ts").as_number());
  CHECK(outer.at("dur").as_number() >= other.at("dur").as_number());
}
