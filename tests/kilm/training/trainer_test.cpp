#include "kilm/training/trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "autograd/engine.h"
#include "autograd/ops/elementwise.h"
#include "kilm/training/run_log.h"
#include "tensor/base/error.h"
#include "tensor/work_count.h"
#include "tests/kilm/training_session.h"
#include "tests/second_device.h"

using kilm::objective::Group;
using kilm::training::StepReport;
using kilm::training::TrainConfig;
using kilm::training::Trainer;
using toy::Session;

namespace {

double weighted(const StepReport& report, const kilm::batching::GroupCounts& counts, bool by_group) {
  const int64_t all = std::accumulate(counts.begin(), counts.end(), int64_t(0));
  double sum = 0;
  for (size_t g = 0; g < kilm::objective::kGroups; ++g)
    sum += double(g + 1) * report.group_loss[g] * (by_group ? 1 : double(counts[g]) / double(all));
  return sum;
}

// Returns the counts of a step's first micro-batches, made as the trainer makes them.
kilm::batching::GroupCounts first_counts(const Session& session, const TrainConfig& config) {
  const kilm::batching::Loader loader(toy::windows(), session.objective,
                                      {uint64_t(config.seed), config.batch_tokens, config.knowledge});
  kilm::batching::Cursor cursor;
  kilm::batching::GroupCounts counts{};
  for (int64_t i = 0; i < config.accumulate; ++i)
    kilm::batching::MicroBatch::of(loader.next(cursor), *session.folder.tokenizer).count(counts);
  return counts;
}

}  // namespace

TEST_CASE("training learns what the data say") {
  TrainConfig config = toy::train_config();
  config.steps = 60;
  config.learning_rate = 1e-2;
  Session session(config);
  std::vector<double> losses;
  while (session.trainer.state().step < 60) losses.push_back(session.step().loss);
  CHECK(losses.front() > 5);  // 270 equally likely tokens: 5.60 nats
  CHECK(losses.back() < 3);
}

TEST_CASE("training on another device gives the same bits, and weights come back with them") {
  const tests::SecondDevice second;
  kilm::bart::BartConfig layers = toy::bart_config();
  layers.encoder_layers = layers.decoder_layers = 2;
  for (const tensor::DType dtype : {tensor::DType::f32, tensor::DType::bf16}) {
    const auto trained = [&](tensor::Device device) {
      TrainConfig config = toy::train_config();
      config.device = device;
      config.dtype = dtype;
      Session session(config, kilm::bart::new_bart(layers, toy::tokenizer(false), 1));
      CHECK(session.folder.model.device() == device);
      std::string result;
      for (int i = 0; i < 3; ++i) {
        base::Json line = kilm::training::to_json(session.step());
        line.set("loss", base::Json());  // a sum in f32, of more rows where micro-batches are closed
        result += line.dump();
      }
      for (const tensor::Tensor& role : {session.trainer.parameters().m, session.trainer.parameters().v})
        result += toy::bytes_of(role);
      nn::move(session.folder.model, {});
      CHECK(session.folder.model.device() == tensor::Device{});
      return result + toy::bytes_of(session.folder.model);
    };
    CHECK((trained(second.device) == trained({})));
  }
}

TEST_CASE("a batch on another device than the model is refused, and both are named") {
  const tests::SecondDevice second;
  TrainConfig config = toy::train_config();
  config.device = second.device;
  Session session(config);
  const kilm::training::StepLoader loader(config, session.objective, toy::windows(), second.other);
  std::string message;
  try {
    session.trainer.accumulate(loader.next({}));
  } catch (const base::Error& error) {
    message = error.what();
  }
  CHECK(message.find("on cuda:0") != std::string::npos);
  CHECK(message.find("on cuda:1 should be on one device") != std::string::npos);
}

TEST_CASE("a report says what the step did") {
  TrainConfig config = toy::train_config();
  config.warmup_steps = 4;
  Session session(config);
  const kilm::batching::Loader loader(toy::windows(), session.objective,
                                      {uint64_t(config.seed), config.batch_tokens, true});
  kilm::batching::Cursor cursor;
  int64_t sequences = 0, source = 0, target = 0;
  for (int i = 0; i < 2; ++i)
    for (const kilm::objective::Example& example : loader.next(cursor)) {
      ++sequences;
      source += int64_t(example.source.size());
      target += int64_t(example.target.size());
    }
  const StepReport first = session.step(), second = session.step();
  CHECK(first.step == 1);
  CHECK(first.sequences == sequences);
  CHECK(first.tokens_source == source);
  CHECK(first.tokens_target == target);
  CHECK(first.epoch == doctest::Approx(double(sequences) / 12));
  CHECK(first.learning_rate == 0);
  CHECK(second.learning_rate == doctest::Approx(config.learning_rate / 4));
  CHECK(first.grad_norm > 0);
  const base::Json line = kilm::training::to_json(first);
  std::string keys;
  for (const auto& [key, value] : line.members()) keys += key + " ";
  CHECK(keys ==
        "step epoch loss loss_copy loss_infill loss_knowledge grad_norm lr sequences tokens_source tokens_target "
        "padding_share tokens_per_second seconds ");
  CHECK(base::parse_json(line.dump(), "line").at("loss").as_number() == first.loss);
}

TEST_CASE("a step waits for the device once, at its update") {
  for (const double plain_ratio : {0.0, 0.5}) {
    TrainConfig config = toy::train_config();
    config.plain_ratio = plain_ratio;
    kilm::bart::BartFolder folder = toy::bart(1, 0.1);
    const kilm::objective::InfillObjective objective(*folder.tokenizer, {.max_length = config.max_length});
    const kilm::training::StepLoader loader(config, objective, {toy::windows(), toy::windows()});
    Trainer trainer(config, folder.model, loader.total_steps());
    const kilm::training::StepBatch batch = loader.next({});
    CHECK(batch.micros.size() == 2);
    tensor::WorkCount count;
    trainer.accumulate(batch);
    CHECK(count.total().waits == 0);
    CHECK(trainer.update(batch).loss > 5);
    CHECK(count.total().waits == 1);
  }
}

TEST_CASE("without knowledge that part of the loss has no value") {
  TrainConfig config = toy::train_config();
  config.knowledge = false;
  const std::string text = kilm::training::to_json(Session(config).step()).dump();
  const base::Json line = base::parse_json(text, "line");
  CHECK(line.at("loss_knowledge").is_null());
  CHECK(line.at("loss_copy").as_number() > 5);
}

TEST_CASE("the loss weighs its groups by all tokens of the step, or each by its own") {
  TrainConfig config = toy::train_config();
  config.weight_copy = 1;
  config.weight_infill = 2;
  config.weight_knowledge = 3;
  for (const bool by_group : {false, true}) {
    config.normalize = by_group ? kilm::training::Normalize::groups : kilm::training::Normalize::tokens;
    Session session(config);
    const kilm::batching::GroupCounts counts = first_counts(session, config);
    const StepReport report = session.step();
    CHECK(report.loss == doctest::Approx(weighted(report, counts, by_group)).epsilon(1e-6));
  }
}

// Windows of one shape and two a micro-batch, so that the cut is known: 1 x 4, 2 x 2, 4 x 1 sequences.
TEST_CASE("how a step is cut into micro-batches changes nothing") {
  const std::string text = "the town in it";
  const kilm::dataset::WindowSet windows{12, [&](int64_t) { return kilm::dataset::Window{text, {}}; }};
  TrainConfig config = toy::train_config();
  config.mask_rate = 0;  // sources are as long as targets: 16 tokens
  const auto gradient_norms = [&](int64_t accumulate) {
    config.accumulate = accumulate;
    config.batch_tokens = 32 * 4 / accumulate;
    kilm::bart::BartFolder folder = toy::bart(1, 0);
    const kilm::objective::InfillObjective objective(*folder.tokenizer, {.mask_rate = 0, .max_length = 64});
    const kilm::training::StepLoader loader(config, objective, windows);
    Trainer trainer(config, folder.model, loader.total_steps());
    const kilm::training::StepBatch batch = loader.next({});
    trainer.accumulate(batch);
    const StepReport report = trainer.update(batch);
    CHECK(report.sequences == 4);
    return std::array{report.loss, report.grad_norm};
  };
  const auto whole = gradient_norms(1);
  for (const int64_t accumulate : {2, 4}) {
    const auto cut = gradient_norms(accumulate);
    for (const size_t i : {0, 1}) CHECK(std::abs(cut[i] - whole[i]) <= 1e-6 * whole[i]);
  }
}

TEST_CASE("recomputing attentions or layers changes no bit of a step") {
  TrainConfig config = toy::train_config();
  Session kept(config);
  const std::array losses = {kept.step().loss, kept.step().loss};
  for (const nn::Recompute recompute : {nn::Recompute::attention, nn::Recompute::layer}) {
    config.recompute = recompute;
    Session recomputed(config);
    for (const double loss : losses) CHECK(recomputed.step().loss == loss);
    CHECK(toy::bytes_of(kept.folder.model) == toy::bytes_of(recomputed.folder.model));
  }
}

TEST_CASE("weights in bf16 learn through their f32 master copy") {
  TrainConfig config = toy::train_config();
  config.dtype = tensor::DType::bf16;
  kilm::bart::BartFolder f32 = toy::bart();
  kilm::bart::BartFolder folder{"", kilm::bart::Bart(f32.model.config, nn::DType::bf16), f32.tokenizer, {}};
  folder.model.initialise(1);
  Session session(config, std::move(folder));
  const double first = session.step().loss;
  double last = first;
  for (int i = 0; i < 10; ++i) last = session.step().loss;
  CHECK(last < first);
  CHECK(session.trainer.parameters().master.dtype() == nn::DType::f32);
}

TEST_CASE("a loss that is not finite stops training, names the op and leaves everything as it was") {
  Session session(toy::train_config());
  session.step();
  session.folder.model.decoder.layers[0].fc1.bias.leaf()->value.narrow(0, 3, 1).fill(NAN);
  const std::string before = toy::bytes_of(session.folder.model);
  const kilm::batching::Cursor cursor = session.trainer.state().cursor;
  std::string message;
  try {
    session.step();
  } catch (const base::NonFinite& error) {
    message = error.what();
  }
  CHECK(message.starts_with("step 2: "));
  CHECK(message.find("model.decoder.layers.0") != std::string::npos);
  CHECK(message.find("is not finite") != std::string::npos);
  CHECK(toy::bytes_of(session.folder.model) == before);
  CHECK(session.trainer.state().step == 1);
  CHECK(session.trainer.state().cursor == cursor);
}

namespace {

// Returns what the trainer says of a step that is not finite.
std::string complaint(Session& session) {
  try {
    session.step();
  } catch (const base::NonFinite& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("whichever layer gives an output or gradient that is not finite is named") {
  for (const nn::Recompute recompute : nn::kRecomputes) {
    TrainConfig config = toy::train_config();
    config.accumulate = 1;
    config.recompute = recompute;
    Session session(config, toy::bart(1, 0));
    std::set<std::string> paths, nodes;
    {
      const nn::Tap look([&](const std::string& path, const nn::Variable& value) {
        paths.insert(path);
        return value;
      });
      const autograd::BackwardObserver observer(
          [&](const autograd::Node& node, std::span<const nn::Tensor>) { nodes.insert(node.where()); });
      session.step();
    }
    CHECK(paths.size() > 10);
    for (const std::string& bad : paths) {
      const nn::Tap spoil([&](const std::string& path, const nn::Variable& value) {
        return path == bad ? autograd::affine(value, 1, NAN) : value;
      });
      INFO(recompute << " " << bad);
      const std::string said = complaint(session);
      CHECK(said.find("recorded in " + bad + ": an output ") != std::string::npos);
    }
    CHECK(nodes.size() > 20);
    for (const std::string& bad : nodes) {
      const autograd::BackwardObserver spoil([&](const autograd::Node& node, std::span<const nn::Tensor> dy) {
        nn::Tensor first = dy[0];
        if (node.where() == bad && first.defined()) first.fill(NAN);
      });
      INFO(recompute << " " << bad);
      const std::string said = complaint(session);
      INFO(said);
      CHECK(said.starts_with("step 2: " + bad + ": the gradient "));
    }
  }
}

TEST_CASE("a step that is skipped changes no weight, and the tenth in a row is one too many") {
  TrainConfig config = toy::train_config();
  config.on_nonfinite = kilm::training::OnNonfinite::skip;
  Session session(config);
  session.step();
  nn::Tensor bias = session.folder.model.decoder.layers[0].fc1.bias.leaf()->value;
  const nn::Tensor good = bias.clone();
  const std::string moments = toy::bytes_of(session.trainer.parameters().m);
  bias.narrow(0, 3, 1).fill(NAN);
  const std::string before = toy::bytes_of(session.folder.model);
  for (int64_t skipped = 1; skipped < 10; ++skipped) {
    const kilm::batching::Cursor cursor = session.trainer.state().cursor;
    const StepReport report = session.step();
    CHECK(report.skipped.find("model.decoder.layers.0") != std::string::npos);
    CHECK(report.step == skipped + 1);
    CHECK(!(session.trainer.state().cursor == cursor));
    CHECK(session.trainer.state().skipped == skipped);
    const base::Json line = base::parse_json(kilm::training::to_json(report).dump(), "line");
    CHECK(line.at("loss").is_null());
    CHECK(line.at("skipped").as_string() == report.skipped);
  }
  CHECK(toy::bytes_of(session.folder.model) == before);
  CHECK(toy::bytes_of(session.trainer.parameters().m) == moments);
  CHECK(complaint(session).starts_with("step 11: "));
  CHECK(session.trainer.state().step == 10);
  bias.copy_from(good);
  CHECK(session.step().skipped.empty());
  CHECK(session.trainer.state().skipped == 9);
  CHECK(session.trainer.state().skipped_in_a_row == 0);
}

TEST_CASE("without a number of steps, epochs decide") {
  TrainConfig config = toy::train_config();
  config.steps = 0;
  config.epochs = 7;
  config.accumulate = 1;
  config.batch_tokens = 1;  // a window each
  CHECK(Session(config).trainer.total_steps() == 7 * 12);
  config.accumulate = 2;
  CHECK(Session(config).trainer.total_steps() == 7 * 12 / 2);
  // What is taken from the first windows holds for many.
  config.batch_tokens = 256;
  const std::string letters(40, 'x');
  const std::string_view text = letters;
  const auto steps = [&](int64_t count) {
    const kilm::dataset::WindowSet windows{count, [&](int64_t i) {
                                             return kilm::dataset::Window{text.substr(0, size_t(i % 40)), {}};
                                           }};
    return Session(config, toy::bart(), windows).trainer.total_steps();
  };
  CHECK(steps(100000) == doctest::Approx(double(100 * steps(1000))).epsilon(0.05));
}

TEST_CASE("a report tells the plain stream's losses apart, and both streams make up the step") {
  TrainConfig config = toy::train_config();
  config.plain_ratio = 0.5;
  Session session(config);
  const kilm::training::StepBatch batch = session.loader.next({});
  kilm::batching::GroupCounts plain{};
  for (const kilm::batching::MicroBatch& micro : batch.micros)
    for (size_t i = 0; i < micro.groups.size(); ++i) plain[size_t(micro.groups[i])] += micro.plain[i];
  const StepReport report = session.step();
  REQUIRE(report.plain);
  CHECK(batch.plain_counts == plain);
  CHECK(report.plain->tokens == plain[0] + plain[1]);
  CHECK(plain[size_t(Group::infill)] > 0);
  CHECK(plain[size_t(Group::infill)] < batch.counts[size_t(Group::infill)]);
  CHECK(session.trainer.state().cursor == batch.end);
  const base::Json line = kilm::training::to_json(report);
  CHECK(line.at("tokens_plain").as_int() == plain[0] + plain[1]);
  CHECK(line.at("loss_plain_infill").as_number() == doctest::Approx(5.6).epsilon(0.05));
  CHECK(line.at("loss_plain_copy").as_number() == doctest::Approx(5.6).epsilon(0.05));
  CHECK(line.at("loss_knowledge").as_number() > 5);
}
