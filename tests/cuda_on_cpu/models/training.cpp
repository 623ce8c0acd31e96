// Ten steps of training on the emulated device: what the CPU computes within rounding, and the same bits in every
// order, with memory that is used again, with kernels that are recorded and replayed, and after a resumption.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "kilm/training/checkpoint.h"
#include "kilm/training/run_log.h"
#include "tensor/work_count.h"
#include "tests/cuda_on_cpu/models/ways.h"
#include "tests/kilm/training_session.h"

using namespace tests;
using kilm::training::Graphs;
using kilm::training::StepBatch;
using kilm::training::StepReport;
using kilm::training::TrainConfig;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;
using toy::Session;

namespace {

TrainConfig config_of(DType dtype, Device device) {
  TrainConfig config = toy::train_config();
  config.steps = 10;
  config.batch_tokens = 128;
  config.dtype = dtype;
  config.device = device;
  if (device.type == tensor::DeviceType::cuda) config.graphs = Graphs::on;
  return config;
}

// Makes a model of two layers each, with dropout, and a head of 32, which the tensor cores take.
kilm::bart::BartFolder start() {
  kilm::bart::BartConfig config = toy::bart_config();
  config.encoder_layers = config.decoder_layers = 2;
  config.d_model = 32;
  config.encoder_attention_heads = config.decoder_attention_heads = 1;
  return kilm::bart::new_bart(config, toy::tokenizer(false), 1);
}

// Returns what `steps` steps report, and all that the next one depends on.
std::string trained(Session& session, int steps) {
  std::string result;
  for (int i = 0; i < steps; ++i) result += kilm::training::to_json(session.step()).dump() + "\n";
  optim::FlatParameters& parameters = session.trainer.parameters();
  for (const Tensor& role : {parameters.master, parameters.m, parameters.v}) result += toy::bytes_of(role);
  return result + toy::bytes_of(session.folder.model);
}

std::string trained(DType dtype, Graphs graphs) {
  TrainConfig config = config_of(dtype, kCuda);
  config.graphs = graphs;
  if (dtype == DType::f32) config.accumulate = 1;
  Session session(config, start());
  return trained(session, 10);
}

double norm(const std::vector<double>& x) {
  double sum = 0;
  for (const double a : x) sum += a * a;
  return std::sqrt(sum);
}

std::vector<double> difference(const Tensor& a, const Tensor& b) {
  std::vector<double> x = a.to({}).cast(DType::f64).to_vector<double>();
  const std::vector<double> y = b.to({}).cast(DType::f64).to_vector<double>();
  for (size_t i = 0; i < x.size(); ++i) x[i] -= y[i];
  return x;
}

}  // namespace

TEST_CASE("training: ten steps are those of the CPU") {
  for (const auto& [dtype, allowed, moved] : {std::tuple{DType::f32, 1e-5, 1e-3}, {DType::bf16, 2e-2, 0.3}}) {
    CAPTURE(std::string(tensor::name(dtype)));
    Session here(config_of(dtype, {}), start()), there(config_of(dtype, kCuda), start());
    const Tensor before = here.trainer.parameters().master.clone();
    for (int i = 0; i < 10; ++i) {
      const StepReport expected = here.step(), found = there.step();
      CHECK(std::abs(found.loss - expected.loss) <= allowed * expected.loss);
      CHECK(std::abs(found.grad_norm - expected.grad_norm) <= allowed * expected.grad_norm);
    }
    for (const auto& slice : here.trainer.parameters().slices()) {
      // The gradient of a key bias is rounding, which AdamW scales up to whole steps.
      if (slice.name.ends_with("k_proj.bias")) continue;
      const auto part = [&](const Tensor& x) { return x.narrow(0, slice.begin, slice.count); };
      const Tensor expected = part(here.trainer.parameters().master), found = part(there.trainer.parameters().master);
      const double step = norm(difference(expected, part(before))), error = norm(difference(found, expected));
      INFO(slice.name << " moved by " << step << ", the error is " << error);
      CHECK(error <= moved * step);
    }
  }
}

namespace {

// Returns the examples of the micro-batch on the device, without what closes it.
kilm::batching::MicroBatch opened(const kilm::batching::MicroBatch& closed) {
  kilm::batching::MicroBatch open = closed;
  const auto first = [](const tensor::Ids& ids, int64_t count) {
    std::vector<int32_t> values = ids.tensor().to_vector<int32_t>();
    values.resize(size_t(count));
    return tensor::Ids::from(values, kCuda);
  };
  for (const auto& [side, tokens] : {std::pair{&open.source, open.tokens_source}, {&open.target, open.tokens_target}}) {
    const std::span<const int32_t> offsets = side->sequences.offsets();
    side->ids = first(side->ids, tokens);
    side->positions = first(side->positions, tokens);
    side->sequences = tensor::Sequences::from({offsets.begin(), offsets.begin() + closed.sequences + 1}, kCuda);
  }
  for (tensor::Ids* ids : {&open.labels, &open.group_ids, &open.plain_ids}) *ids = first(*ids, open.tokens_target);
  open.weights = open.weights.narrow(0, 0, open.tokens_target);
  return open;
}

}  // namespace

TEST_CASE("training: what closes a micro-batch changes neither its losses nor a gradient") {
  TrainConfig config = config_of(DType::f32, kCuda);
  config.graphs = Graphs::off;
  Session session(config, start());
  const StepBatch closed = session.loader.next({});
  closed.arrived->wait();
  StepBatch open = closed;
  for (kilm::batching::MicroBatch& micro : open.micros) {
    micro = opened(micro);
    CHECK(micro.target.tokens() % kilm::batching::kClosedRows != 0);
  }
  optim::FlatParameters& parameters = session.trainer.parameters();
  const auto gradients = [&](const StepBatch& batch) {
    session.trainer.accumulate(batch);
    const Tensor gradient = parameters.grad.to({}).clone();
    parameters.clear();
    return gradient;
  };
  const Tensor expected = gradients(open), found = gradients(closed);
  for (const auto& slice : parameters.slices()) {
    const auto part = [&](const Tensor& x) { return x.narrow(0, slice.begin, slice.count); };
    CHECK_MESSAGE(norm(difference(part(found), part(expected))) <=
                      1e-6 * norm(part(expected).cast(DType::f64).to_vector<double>()) + 1e-8,
                  slice.name);
  }
  // The same updates follow, up to rounding, and the same is told.
  session.trainer.accumulate(closed);
  const StepReport report = session.trainer.update(closed);
  Session other(config, start());
  other.trainer.accumulate(open);
  const StepReport without = other.trainer.update(open);
  CHECK(std::abs(report.loss - without.loss) <= 1e-6 * without.loss);
  for (size_t g = 0; g < kilm::objective::kGroups; ++g)
    CHECK(std::abs(report.group_loss[g] - without.group_loss[g]) <= 1e-6 * without.group_loss[g]);
  CHECK(report.sequences == without.sequences);
  CHECK(report.tokens_source == without.tokens_source);
  CHECK(report.tokens_target == without.tokens_target);
}

TEST_CASE("training: neither order, nor memory that is used again, nor recorded kernels change a bit of ten steps") {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    CAPTURE(std::string(tensor::name(dtype)));
    const std::string expected = in_way({"forward", {}}, [&] { return trained(dtype, Graphs::off); });
    // Three ways that have what the others have: a step of 256 rows takes the emulation seconds.
    for (const Way& way : all_ways()) {
      if (!way.options.deferred && way.options.order != Order::greedy) continue;
      const Graphs graphs = way.options.deferred ? Graphs::on : Graphs::off;
      CHECK_MESSAGE((in_way(way, [&] { return trained(dtype, graphs); }) == expected), way.name);
    }
  }
}

TEST_CASE("training: micro-batches of several sizes are replayed, each as its kernels were recorded") {
  TrainConfig config = config_of(DType::f32, kCuda);
  config.batch_tokens = 424;  // targets of 250 to 260 rows
  TrainConfig eager_config = config;
  eager_config.graphs = Graphs::off;
  Session session(config, start()), eager(eager_config, start());
  std::map<std::pair<int64_t, int64_t>, int> sizes;
  const tensor::WorkCount count;
  for (int i = 0; i < 5; ++i) {
    for (const auto& micro : session.loader.next(session.trainer.state().cursor).micros)
      ++sizes[{micro.source.tokens(), micro.target.tokens()}];
    CHECK((trained(session, 1) == trained(eager, 1)));
  }
  MESSAGE(sizes.size() << " sizes, " << count.by_op()["micro_step"].launches << " of 10 micro-batches replayed");
  CHECK(sizes.size() > 1);
  CHECK(count.by_op()["micro_step"].launches >= 4);
}

TEST_CASE("training: a micro-batch that is replayed is one launch and one copy, and is checked as any other") {
  Session session(config_of(DType::bf16, kCuda), start());
  for (int i = 0; i < 2; ++i) session.step();
  StepBatch batch = session.loader.next(session.trainer.state().cursor);
  tensor::WorkCount count;
  session.trainer.accumulate(batch);
  CHECK(count.by_op()["micro_step"].launches == 2);
  CHECK(count.total().launches <= 2 + 2 * 2 + 1);  // the clock of each, and the sums of losses
  CHECK(count.total().copies == 2);
  CHECK(count.total().waits == 0);
  const int32_t vocabulary = int32_t(session.folder.model.config.vocab_size);
  const std::string place =
      std::to_string(vocabulary) + " at position 7 is outside of [0, " + std::to_string(vocabulary);
  const auto with_id = [&](const tensor::Ids& ids, int32_t id) {
    std::vector<int32_t> values = ids.tensor().to_vector<int32_t>();
    values[7] = id;
    return tensor::Ids::from(values, kCuda);
  };
  const auto refusal = [&] {
    try {
      session.trainer.accumulate(batch);
    } catch (const base::Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  kilm::batching::MicroBatch& micro = batch.micros[1];
  const kilm::batching::MicroBatch good = micro;
  micro.target.ids = with_id(good.target.ids, vocabulary);
  CHECK(refusal() == "embedding_sum: id " + place + ")");
  micro = good;
  micro.labels = with_id(good.labels, vocabulary);
  CHECK(refusal() == "linear_cross_entropy: target " + place + ")");
}

TEST_CASE("training: a step that is replayed and not finite is explained, and those after it are replayed again") {
  TrainConfig config = config_of(DType::f32, kCuda);
  config.on_nonfinite = kilm::training::OnNonfinite::skip;
  Session session(config, start());
  for (int i = 0; i < 3; ++i) session.step();
  Tensor bias = session.folder.model.decoder.layers[0].fc1.bias.leaf()->value;
  const Tensor good = bias.clone();
  bias.narrow(0, 3, 1).fill(NAN);
  CHECK(session.step().skipped.find("model.decoder.layers.0") != std::string::npos);
  bias.copy_from(good);
  const tensor::WorkCount count;
  CHECK(session.step().skipped.empty());
  CHECK(count.by_op()["micro_step"].launches == 2);
}

TEST_CASE("training: a run that goes on from a checkpoint ends with the same bits") {
  for (const DType dtype : {DType::f32, DType::bf16}) {
    CAPTURE(std::string(tensor::name(dtype)));
    const TrainConfig config = config_of(dtype, kCuda);
    Session whole(config, start());
    trained(whole, 5);
    const Folder folder;
    kilm::training::Checkpoints(folder / "run", 1)
        .write(whole.folder, whole.trainer.parameters(), whole.trainer.state());
    const std::string checkpoint = folder / "run/ckpt/" + kilm::training::step_name(5);
    Session resumed(config, kilm::bart::load_bart(checkpoint + "/model"), toy::windows(),
                    kilm::training::read_train_state(checkpoint));
    kilm::training::load_optimizer(checkpoint, resumed.trainer.parameters());
    CHECK((trained(resumed, 5) == trained(whole, 5)));
  }
}

TEST_CASE("training: a step waits for the device once, at its update") {
  TrainConfig config = config_of(DType::bf16, kCuda);
  config.graphs = Graphs::off;
  Session session(config, start());
  session.step();  // a first use may wait for what it makes
  tensor::WorkCount count;
  const StepBatch batch = session.loader.next(session.trainer.state().cursor);
  REQUIRE(batch.micros.size() == 2);
  CHECK(count.by_op()["parcel"].copies == 2);  // each goes up as one piece; all other copies are the host's own
  CHECK(count.total().waits == 0);
  count.reset();
  session.trainer.accumulate(batch);
  const tensor::Work micros = count.total();
  CHECK(micros.copies == 0);
  count.reset();
  session.trainer.update(batch);
  MESSAGE("two micro-batches: " << micros.launches << " launches, " << micros.waits << " waits; the update: "
                                << count.total().launches << " launches, " << count.total().waits << " waits");
  CHECK(micros.waits == 0);
  CHECK(count.total().waits == 1);
}
