// What there is to say of each setting of a run, once. A row of this table feeds the option of the command line, its
// variable of the environment, configuration files and resolved.json. The help, the checks and what --resume allows
// come from it as well.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "kilm/training/train_config.h"

namespace kilm::training {

// The numbers that a setting may be.
struct Limits {
  enum class Form : uint8_t { at_least, between, closed, half_open, above };
  Form form;
  double low, high = std::numeric_limits<double>::infinity();

  // Says what is wrong with a value, as "-1 should be at least 0"; "" if nothing is.
  std::string objection(int64_t value) const;
  std::string objection(double value) const;
};
constexpr Limits at_least(double low) { return {Limits::Form::at_least, low}; }
constexpr Limits between(double low, double high) { return {Limits::Form::between, low, high}; }  // told as two limits
constexpr Limits closed(double low, double high) { return {Limits::Form::closed, low, high}; }    // told as an interval
constexpr Limits half_open(double low, double high) { return {Limits::Form::half_open, low, high}; }  // without high
constexpr Limits above(double low) { return {Limits::Form::above, low}; }
constexpr Limits any_number() { return at_least(-std::numeric_limits<double>::infinity()); }

struct NoLimits {};  // that is of the type

// What a setting of type T may be: the values of an enumeration, or limits of a number.
template <class T>
using Allowed =
    std::conditional_t<std::is_enum_v<T>, std::span<const T>,
                       std::conditional_t<std::is_same_v<T, int64_t> || std::is_same_v<T, double>, Limits, NoLimits>>;

template <class T>
struct Setting {
  const char* name;  // of the member, which is that in resolved.json; the option has - for _
  T TrainConfig::*member;
  Allowed<T> allowed;
  const char* help;             // one line; nullptr: no option is made from this row
  const char* label = name;     // in what check() says
  bool later = false;           // whether runs of earlier versions lack it, to which the default gives the same numbers
  bool free_to_change = false;  // whether a resumed run may have another: no finite step depends on it

  constexpr Setting(const char* name, T TrainConfig::*member, Allowed<T> allowed, const char* help)
      : name(name), member(member), allowed(allowed), help(help) {}
  constexpr Setting(const char* name, T TrainConfig::*member, const char* help = nullptr)
      : Setting(name, member, NoLimits{}, help) {}

  constexpr Setting called(const char* text) const {
    Setting row = *this;
    row.label = text;
    return row;
  }
  constexpr Setting came_later() const {
    Setting row = *this;
    row.later = true;
    return row;
  }
  constexpr Setting may_change() const {
    Setting row = *this;
    row.free_to_change = true;
    return row;
  }
};

inline constexpr tensor::DType kTrainDTypes[] = {tensor::DType::f32, tensor::DType::bf16};

// What a run notes of itself. Folders have options of their own, which know folders; nobody sets the rest.
inline constexpr std::tuple kNotes{
    Setting{"data", &TrainConfig::data},
    Setting{"model", &TrainConfig::model},
    Setting{"out", &TrainConfig::out},
    Setting{"plain_data", &TrainConfig::plain_data}.came_later(),
    Setting{"tokenizer", &TrainConfig::tokenizer}.came_later(),
    Setting{"data_digest", &TrainConfig::data_digest}.came_later(),
    Setting{"model_digest", &TrainConfig::model_digest}.came_later(),
    Setting{"plain_data_digest", &TrainConfig::plain_data_digest}.came_later(),
};

inline constexpr std::tuple kSettings{
    Setting{"steps", &TrainConfig::steps, at_least(0), "updates to run; 0: --epochs passes over the data"},
    Setting{"epochs", &TrainConfig::epochs, at_least(0), "passes over the data if --steps is 0"},
    Setting{"seed", &TrainConfig::seed, any_number(), "of data order, masks, dropout and new weights"},
    Setting{"dtype", &TrainConfig::dtype, kTrainDTypes, "f32, or bf16 with f32 master weights"},
    Setting{"batch_tokens", &TrainConfig::batch_tokens, between(1, 1 << 24),
            "source and target positions of a micro-batch; one window at least"},
    Setting{"accumulate", &TrainConfig::accumulate, between(1, 1 << 20), "micro-batches of an update"},
    Setting{"max_length", &TrainConfig::max_length, at_least(0),
            "tokens of a source or target at most; 0: what data and model allow"},
    Setting{"knowledge", &TrainConfig::knowledge, "off: plain text infilling, without knowledge"},
    Setting{"mask_rate", &TrainConfig::mask_rate, half_open(0, 1), "share of the text's tokens that are infilled"},
    Setting{"lambda", &TrainConfig::lambda, closed(0.01, 500),
            "mean length of an infilled span in tokens, of a Poisson distribution"},
    Setting{"mask_mention", &TrainConfig::mask_mention, "on: the marked mention may be infilled too"},
    Setting{"insert_masks", &TrainConfig::insert_masks,
            "on: spans of length zero put a mask where nothing is hidden, as in BART"}
        .came_later(),
    Setting{"permute_sentences", &TrainConfig::permute_sentences, closed(0, 1),
            "share of a window's sentences that change places in the source, from 0 to 1, as BART has it"}
        .came_later(),
    Setting{"mentions_per_window", &TrainConfig::mentions_per_window, at_least(1),
            "mentions of a window that are shown with knowledge, at most"}
        .came_later(),
    Setting{"knowledge_side", &TrainConfig::knowledge_side, objective::kKnowledgeSides,
            "target: knowledge is masked in the source and asked for; source: it is given there, and not asked for"}
        .came_later(),
    Setting{"plain_ratio", &TrainConfig::plain_ratio, half_open(0, 1),
            "share of windows that come from the plain stream: plain text infilling"}
        .came_later(),
    Setting{"weight_copy", &TrainConfig::weight_copy, at_least(0), "weight of copied tokens in the loss"}.called(
        "loss weight"),
    Setting{"weight_infill", &TrainConfig::weight_infill, at_least(0), "weight of infilled tokens in the loss"}.called(
        "loss weight"),
    Setting{"weight_knowledge", &TrainConfig::weight_knowledge, at_least(0), "weight of knowledge tokens in the loss"}
        .called("loss weight"),
    Setting{"normalize", &TrainConfig::normalize, kNormalizes,
            "divide by all tokens of the update (tokens), or each group by its own (groups)"},
    Setting{"learning_rate", &TrainConfig::learning_rate, at_least(0), "peak of the schedule"},
    Setting{"schedule", &TrainConfig::schedule, optim::kScheduleKinds, "constant, linear, cosine or inverse_sqrt"},
    Setting{"warmup_steps", &TrainConfig::warmup_steps, at_least(0), "updates over which the rate rises from 0"},
    Setting{"weight_decay", &TrainConfig::weight_decay, at_least(0), "of matrices; biases and norms have none"},
    Setting{"max_grad_norm", &TrainConfig::max_grad_norm, at_least(0),
            "global norm that gradients are clipped to; 0: off"},
    Setting{"beta1", &TrainConfig::beta1, half_open(0, 1),
            "AdamW: share that the running mean of gradients keeps in an update"}
        .called("beta"),
    Setting{"beta2", &TrainConfig::beta2, half_open(0, 1),
            "AdamW: share that the running mean of squared gradients keeps in an update"}
        .called("beta"),
    Setting{"eps", &TrainConfig::eps, above(0),
            "AdamW: added to the root of the mean square, which divides the mean gradient"},
    Setting{"recompute", &TrainConfig::recompute, nn::kRecomputes,
            "attention, layer: keep only the input of each, run it again in backward; none: keep all"},
    Setting{"on_nonfinite", &TrainConfig::on_nonfinite, kOnNonfinites,
            "a loss or gradient that is not finite: stop, or skip the update, up to 9 in a row"}
        .came_later()
        .may_change(),
    Setting{"save_every", &TrainConfig::save_every, at_least(0), "updates between checkpoints; 0: only the last"},
    Setting{"eval_every", &TrainConfig::eval_every, at_least(0), "updates between evaluations; 0: only at the end"},
    Setting{"patience", &TrainConfig::patience, at_least(0),
            "evaluations in a row without a better unseen loss that end the run; 0: off"}
        .came_later()
        .may_change(),
    Setting{"keep", &TrainConfig::keep, at_least(0), "checkpoints to keep besides best and latest"},
    Setting{"eval_windows", &TrainConfig::eval_windows, at_least(0),
            "windows of a split whose loss an evaluation takes"},
    Setting{"eval_mentions", &TrainConfig::eval_mentions, at_least(0),
            "mentions of a split that an evaluation describes"},
    Setting{"device", &TrainConfig::device, "what computes: cpu, cuda or cuda:N; on another one, bits may differ"}
        .came_later()
        .may_change(),
    Setting{"graphs", &TrainConfig::graphs, kGraphs,
            "on cuda, record the kernels of a micro-batch for its size and replay them; auto: where batches are small"}
        .came_later()
        .may_change(),
    Setting{"threads", &TrainConfig::threads, between(0, 1024), "0: all cores; results do not depend on it"}
        .may_change(),
};

// Calls f(row) for each row of a table, in its order.
template <class F, class... T>
void each(const std::tuple<Setting<T>...>& table, F&& f) {
  [&]<size_t... i>(std::index_sequence<i...>) { (f(std::get<i>(table)), ...); }
  (std::index_sequence_for<T...>());
}

// Has one optional value for each setting, in the order of the table: what somebody gave.
template <class... T>
std::tuple<std::optional<T>...> optional_values(const std::tuple<Setting<T>...>& table);
using GivenSettings = decltype(optional_values(kSettings));

// Calls f(row, value) for each setting.
template <class Given, class F>
void each_given(Given& given, F&& f) {
  [&]<size_t... i>(std::index_sequence<i...>) { (f(std::get<i>(kSettings), std::get<i>(given)), ...); }
  (std::make_index_sequence<std::tuple_size_v<GivenSettings>>());
}

}  // namespace kilm::training
