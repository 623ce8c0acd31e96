#include "tensor/runtime.h"

#include <doctest/doctest.h>

#include <vector>

#include "tensor/base/format.h"
#include "tensor/tensor.h"
#include "tensor/work_count.h"
#include "tests/second_device.h"

using namespace tensor;

namespace {

constexpr Device kCuda{DeviceType::cuda, 0};

// Returns what a block of memory holds.
std::vector<uint8_t> bytes_of(Device device, const std::byte* data, size_t bytes) {
  std::vector<uint8_t> host(bytes);
  read_bytes(device, host.data(), data, bytes);
  return host;
}

}  // namespace

TEST_CASE("a backend's runtime is complete") {
  const tests::SecondDevice second;
  for (const Device device : {Device{}, second.device}) {
    const RuntimeKernels& functions = runtime(device);
    const auto* field = reinterpret_cast<void (*const*)()>(&functions);
    for (size_t i = 0; i < sizeof functions / sizeof *field; ++i) CHECK_MESSAGE(bool(field[i]), device << " " << i);
  }
}

TEST_CASE("a device that is not there is refused, with what there is") {
  CHECK(runtime({}).device_count() == 1);
  CHECK_THROWS_AS(runtime({DeviceType::cpu, 1}), base::UsageError);
  CHECK_THROWS_WITH_AS(runtime(kCuda), "this program was built without CUDA; configure with -DKILM_CUDA=ON",
                       base::UsageError);
  {
    const tests::SecondDevice second;
    CHECK(device_info(second.other).capability_major == 8);
    CHECK_THROWS_WITH_AS(runtime({DeviceType::cuda, 2}), "cuda:2: this machine has 2 cuda devices, cuda:0 to cuda:1",
                         base::UsageError);
    CHECK_THROWS_AS(runtime({DeviceType::cuda, -1}), base::UsageError);
    CHECK_THROWS_AS(runtime({DeviceType::cuda, 1000}), base::UsageError);
  }
  CHECK_THROWS_AS(runtime(kCuda), base::UsageError);

  static constexpr RuntimeKernels none{.device_count = [] { return 0; }};
  static constexpr Backend without_device{.name = "no device", .runtime = &none}, without_runtime{.name = "tables"};
  register_backend(DeviceType::cuda, []() -> const Backend& { return without_device; });
  CHECK_THROWS_WITH_AS(runtime(kCuda), "cuda:0: this machine has no cuda device", base::UsageError);
  register_backend(DeviceType::cuda, []() -> const Backend& { return without_runtime; });
  CHECK_THROWS_WITH_AS(runtime(kCuda), "cuda:0: the backend tables has no runtime", base::Error);
  register_backend(DeviceType::cuda, nullptr);
}

TEST_CASE("the CPU says what it is") {
  const DeviceInfo info = device_info({});
  CHECK(info.name == cpu_backend().name);
  CHECK(info.memory_total >= info.memory_free);
  CHECK(info.memory_free > 0);
  CHECK(info.multiprocessors >= 1);
}

TEST_CASE("each device has an allocator of its own") {
  const tests::SecondDevice second;
  CHECK(&allocator_of({}) == &host_allocator());
  CHECK(&allocator_of(second.device) != &host_allocator());
  CHECK(&allocator_of(second.device) != &allocator_of(second.other));
  const size_t before = allocator_of(second.device).stats().live, host = host_allocator().stats().live;
  const Tensor x = Tensor::empty({1000}, DType::f32, second.device);
  CHECK(allocator_of(second.device).stats().live >= before + 4000);
  CHECK(host_allocator().stats().live == host);
}

TEST_CASE("bytes are set, and go to a device, inside of it and back") {
  const tests::SecondDevice second;
  for (const Device device : {Device{}, second.device}) {
    CachingAllocator& allocator = allocator_of(device);
    auto *a = allocator.allocate(8), *b = allocator.allocate(8);
    fill_bytes(device, a->data(), 7, 8);
    CHECK(bytes_of(device, a->data(), 8) == std::vector<uint8_t>(8, 7));
    const std::vector<uint8_t> values = {1, 2, 3, 4};
    write_bytes(device, a->data() + 2, values.data(), 4);
    copy_bytes(device, b->data(), a->data(), 8);
    CHECK(bytes_of(device, b->data(), 8) == std::vector<uint8_t>{7, 7, 1, 2, 3, 4, 7, 7});
    copy_bytes(device, nullptr, nullptr, 0);
    CHECK(bytes_of(device, nullptr, 0).empty());
    allocator.free(a);
    allocator.free(b);
  }
}

TEST_CASE("a thread's work on a device goes to the stream of its innermost guard") {
  const Device cpu{};
  const Stream first(cpu), second(cpu);
  CHECK(first.id() != second.id());
  CHECK(current_stream(cpu) == 0);
  {
    const StreamGuard outer(cpu, first.id());
    CHECK(current_stream(cpu) == first.id());
    const StreamGuard other_device(kCuda, 77), inner(cpu, second.id());
    CHECK(current_stream(cpu) == second.id());
    CHECK(current_stream(kCuda) == 77);
    CHECK(current_stream({DeviceType::cuda, 1}) == 0);
  }
  CHECK(current_stream(cpu) == 0);
}

TEST_CASE("a stream that nobody has any more is given to the next") {
  const tests::SecondDevice second;
  StreamId first = 0;
  {
    const Stream stream(second.device);
    first = stream.id();
    CHECK(first != 0);
  }
  const Stream next(second.device), another(second.device);
  CHECK(next.id() == first);
  CHECK(another.id() != first);
}

TEST_CASE("an event of the CPU has always been reached, and the host's waits are counted") {
  const Device cpu{};
  const Stream stream(cpu);
  const WorkCount count;
  const Event event(cpu);
  CHECK(event.finished());
  event.wait_in(stream.id());
  CHECK(count.total().waits == 0);
  event.wait();
  wait_for_device(cpu);
  CHECK(count.total().waits == 2);
}

TEST_CASE("the CPU refuses to record a graph, and nothing of the attempt is left") {
  const size_t live = host_allocator().stats().live;
  bool ran = false;
  CHECK_THROWS_WITH_AS(Graph({}, [&] { ran = true; }), "graph: cpu cannot record its work; it runs when it is called",
                       base::Error);
  CHECK_FALSE(ran);
  CHECK(host_allocator().stats().live == live);
}

namespace {

// A device whose graphs are numbers, with a list of what was asked of it.
struct Recorder {
  static inline std::vector<std::string> calls;
  static inline bool broken = false;  // whether a recording cannot be ended
  static const Backend& backend() {
    static const RuntimeKernels runtime = [] {
      RuntimeKernels functions = *cpu_backend().runtime;
      functions.begin_capture = [](Device, StreamId stream) { calls.push_back("begin " + std::to_string(stream)); };
      functions.end_capture = [](Device, StreamId) {
        calls.emplace_back("end");
        base::check(!broken, "the end of a broken recording");
        return GraphId(5);
      };
      functions.launch_graph = [](Device, GraphId graph, StreamId) { calls.push_back("run " + std::to_string(graph)); };
      functions.destroy_graph = [](Device, GraphId) { calls.emplace_back("destroy"); };
      return functions;
    }();
    static const Backend backend = [] {
      Backend tables = cpu_backend();
      tables.runtime = &runtime;
      return tables;
    }();
    return backend;
  }
};

}  // namespace

TEST_CASE("a graph is recorded in the current stream, run where it is asked for, and its memory is its own") {
  register_backend(DeviceType::cuda, Recorder::backend);
  Recorder::calls.clear();
  {
    const StreamGuard guard(kCuda, 3);
    PoolId pool = 0;
    const Graph graph(kCuda, [&] { pool = PoolGuard::current(allocator_of(kCuda)); });
    CHECK(pool != 0);
    CHECK(PoolGuard::current(allocator_of(kCuda)) == 0);
    const WorkCount count;
    graph.launch();
    CHECK(count.total().launches == 1);
  }
  CHECK(Recorder::calls == std::vector<std::string>{"begin 3", "end", "run 5", "destroy"});
  Recorder::calls.clear();
  CHECK_THROWS_WITH_AS(Graph(kCuda, [] { base::fail("in the middle"); }), "in the middle", base::Error);
  CHECK(Recorder::calls == std::vector<std::string>{"begin 0", "end", "destroy"});
  register_backend(DeviceType::cuda, nullptr);
}

TEST_CASE("graphs that share memory take what they need from one pool, which lives as long as one of them") {
  register_backend(DeviceType::cuda, Recorder::backend);
  CachingAllocator& allocator = allocator_of(kCuda);
  allocator.release_cached();
  const size_t before = allocator.stats().reserved;
  {
    auto memory = std::make_shared<const GraphMemory>(kCuda);
    const auto allocate = [] { Tensor::empty({1 << 20}, DType::f32, kCuda); };
    const Graph first(kCuda, allocate, memory);
    const size_t reserved = allocator.stats().reserved;
    CHECK(reserved > before);
    const Graph second(kCuda, allocate, std::move(memory));
    CHECK(allocator.stats().reserved == reserved);
    allocator.release_cached();
    CHECK(allocator.stats().reserved == reserved);
  }
  allocator.release_cached();
  CHECK(allocator.stats().reserved == before);
  register_backend(DeviceType::cuda, nullptr);
}

TEST_CASE("a graph whose recording broke throws the first error, and its memory is free again") {
  register_backend(DeviceType::cuda, Recorder::backend);
  Recorder::calls.clear();
  Recorder::broken = true;
  CachingAllocator& allocator = allocator_of(kCuda);
  const size_t before = allocator.stats().reserved;
  const auto allocate = [] { Tensor::empty({1 << 20}, DType::f32, kCuda); };
  const auto fail = [&] {
    allocate();
    base::fail("in the middle");
  };
  CHECK_THROWS_WITH_AS(Graph(kCuda, fail), "in the middle", base::Error);
  CHECK_THROWS_WITH_AS(Graph(kCuda, allocate), "the end of a broken recording", base::Error);
  CHECK(Recorder::calls == std::vector<std::string>{"begin 0", "end", "begin 0", "end"});
  allocator.release_cached();
  CHECK(allocator.stats().reserved == before);
  Recorder::broken = false;
  register_backend(DeviceType::cuda, nullptr);
}
