#include "kilm/report/tensorboard.h"

#include <array>
#include <bit>
#include <cmath>

#include "tensor/base/json_number.h"

namespace kilm::report {

namespace {

constexpr std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0);
    table[byte] = crc;
  }
  return table;
}

// Changes a checksum, so that the checksum of data that hold checksums stays a good one.
uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

void append_little_endian(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += char((value >> 8 * i) & 0xff);
}

// Appends a number of Protocol Buffers. Their fields are a key, number * 8 + wire type, and the value.
void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += char((value & 0x7f) | 0x80);
  out += char(value);
}
void append_int(std::string& out, int number, int64_t value) {
  append_varint(out, uint64_t(number * 8 + 0));
  append_varint(out, uint64_t(value));
}
void append_double(std::string& out, int number, double value) {
  append_varint(out, uint64_t(number * 8 + 1));
  append_little_endian(out, std::bit_cast<uint64_t>(value), 8);
}
void append_bytes(std::string& out, int number, std::string_view value) {
  append_varint(out, uint64_t(number * 8 + 2));
  append_varint(out, value.size());
  out += value;
}
void append_float(std::string& out, int number, float value) {
  append_varint(out, uint64_t(number * 8 + 5));
  append_little_endian(out, std::bit_cast<uint32_t>(value), 4);
}

// Adds Summary { repeated Value value = 1 } with Value { string tag = 1; float simple_value = 2 }.
void add_scalar(std::string& summary, const std::string& tag, double value) {
  if (!std::isfinite(value)) return;
  std::string message;
  append_bytes(message, 1, tag);
  append_float(message, 2, float(value));
  append_bytes(summary, 1, message);
}

// Writes Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5 }.
std::string event(double time, int64_t step, std::string_view summary) {
  std::string message;
  append_double(message, 1, time);
  append_int(message, 2, step);
  append_bytes(message, 5, summary);
  return tf_record(message);
}

std::string summary_of(const training::StepReport& r) {
  std::string summary;
  add_scalar(summary, "train/loss", r.loss);
  for (size_t g = 0; g < objective::kGroups; ++g)
    add_scalar(summary, std::string("train/loss_") + objective::kGroupNames[g], r.group_loss[g]);
  if (r.plain)
    for (const objective::Group group : training::kPlainGroups)
      add_scalar(summary, std::string("train/loss_plain_") + objective::kGroupNames[size_t(group)],
                 r.plain->group_loss[size_t(group)]);
  add_scalar(summary, "train/grad_norm", r.grad_norm);
  add_scalar(summary, "train/lr", r.learning_rate);
  add_scalar(summary, "train/tokens_per_second", training::tokens_per_second(r));
  return summary;
}

std::string summary_of(const training::EvaluationRecord& record) {
  std::string summary;
  const base::Json fields = evaluation::to_json(record.score);
  for (const auto& [key, value] : fields.members())
    add_scalar(summary, std::string("eval/") + dataset::name(record.split) + "/" + key, value.as_number());
  return summary;
}

std::string summary_of(const training::ExamplesRecord& record) {
  std::string summary;
  add_scalar(summary, "eval/loss", record.loss);
  for (const auto& [key, value] : record.measures.members())
    add_scalar(summary, "eval/" + key, base::number_or_nan(value));
  return summary;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> table = crc_table();
  uint32_t crc = ~0u;
  for (const char c : bytes) crc = (crc >> 8) ^ table[(crc ^ uint8_t(c)) & 0xff];
  return ~crc;
}

std::string tf_record(std::string_view payload) {
  std::string record;
  append_little_endian(record, payload.size(), 8);
  append_little_endian(record, masked_crc(record), 4);
  record += payload;
  append_little_endian(record, masked_crc(payload), 4);
  return record;
}

std::string tensorboard_events(const History& history, double end) {
  double time = end;
  for (const training::StepReport& r : history.steps) time -= r.seconds;
  std::string version;
  append_double(version, 1, time);
  append_bytes(version, 3, "brain.Event:2");
  std::string events = tf_record(version);
  auto evaluation = history.evaluations.begin();
  auto examples = history.examples.begin();
  for (const training::StepReport& r : history.steps) {
    time += r.seconds;
    events += event(time, r.step, summary_of(r));
    for (; evaluation != history.evaluations.end() && evaluation->step <= r.step; ++evaluation)
      events += event(time, evaluation->step, summary_of(*evaluation));
    for (; examples != history.examples.end() && examples->step <= r.step; ++examples)
      events += event(time, examples->step, summary_of(*examples));
  }
  return events;
}

}  // namespace kilm::report
