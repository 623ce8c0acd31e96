#include "kilm/report/tensorboard.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <map>

namespace {

template <class T>
T fixed(std::string_view& bytes) {
  T value;
  REQUIRE(bytes.size() >= sizeof value);
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

uint64_t varint(std::string_view& bytes) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = fixed<uint8_t>(bytes);
    value |= uint64_t(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

// Returns the fields of a message by their number.
std::multimap<uint64_t, std::string> fields(std::string_view message) {
  std::multimap<uint64_t, std::string> all;
  while (!message.empty()) {
    const uint64_t key = varint(message), type = key & 7;
    std::string value;
    if (type == 0) {
      value = std::to_string(varint(message));
    } else {
      const size_t size = type == 1 ? 8 : type == 5 ? 4 : varint(message);
      REQUIRE(message.size() >= size);
      value = message.substr(0, size);
      message.remove_prefix(size);
    }
    all.emplace(key >> 3, value);
  }
  return all;
}

std::vector<std::string> payloads(std::string_view file) {
  std::vector<std::string> all;
  while (!file.empty()) {
    std::string_view rest = file;
    const auto size = fixed<uint64_t>(rest);
    fixed<uint32_t>(rest);
    REQUIRE(rest.size() >= size + 4);
    const std::string payload(rest.substr(0, size));
    CHECK(kilm::report::tf_record(payload) == file.substr(0, size + 16));  // with both checksums
    all.push_back(payload);
    file.remove_prefix(size + 16);
  }
  return all;
}

template <class T>
T number(const std::string& bytes) {
  std::string_view view = bytes;
  return fixed<T>(view);
}

std::map<std::string, float> scalars(const std::multimap<uint64_t, std::string>& event) {
  std::map<std::string, float> values;
  const auto summary = fields(event.find(5)->second);
  for (const auto& [number_of_field, value] : summary) {
    CHECK(number_of_field == 1);
    const auto parts = fields(value);
    values[parts.find(1)->second] = number<float>(parts.find(2)->second);
  }
  return values;
}

}  // namespace

TEST_CASE("CRC-32C has its published check value, and those of RFC 3720") {
  CHECK(kilm::report::crc32c("123456789") == 0xE3069283u);
  CHECK(kilm::report::crc32c(std::string(32, '\0')) == 0x8A9136AAu);
  CHECK(kilm::report::crc32c(std::string(32, '\xff')) == 0x62A8AB43u);
  CHECK(kilm::report::crc32c("") == 0);
}

TEST_CASE("a record begins as those that TensorFlow writes") {
  const char begin[] = "\x18\0\0\0\0\0\0\0\xa3\x7f\x4b\x22";  // of every events file: 24 bytes follow
  const std::string record = kilm::report::tf_record(std::string(24, 'x'));
  CHECK(record.substr(0, 12) == std::string(begin, 12));
  CHECK(record.size() == 12 + 24 + 4);
}

TEST_CASE("each event of a run holds its time, its step and its scalars") {
  kilm::report::History history;
  for (int64_t step = 1; step <= 300; ++step)
    history.steps.push_back({.step = step, .loss = 2.5, .group_loss = {1, std::nan(""), 3}, .seconds = 2});
  history.steps.back().plain.emplace();
  history.steps.back().plain->group_loss = {0.5, std::nan(""), 0};
  history.evaluations.push_back(
      {300, kilm::dataset::Split::unseen, {.mentions = 4, .title_em = 0.25, .copy_loss = HUGE_VAL}});
  const std::vector<std::string> events = payloads(kilm::report::tensorboard_events(history, 1e9));
  REQUIRE(events.size() == 302);
  const auto version = fields(events[0]);
  CHECK(version.find(3)->second == "brain.Event:2");
  CHECK(number<double>(version.find(1)->second) == 1e9 - 600);
  const auto step = fields(events[300]);
  CHECK(number<double>(step.find(1)->second) == 1e9);
  CHECK(step.find(2)->second == "300");
  const auto trained = scalars(step);
  CHECK(trained.at("train/loss") == 2.5f);
  CHECK(trained.at("train/loss_knowledge") == 3);
  CHECK(!trained.contains("train/loss_infill"));
  CHECK(trained.at("train/loss_plain_copy") == 0.5f);
  CHECK(!trained.contains("train/loss_plain_infill"));
  CHECK(!scalars(fields(events[1])).contains("train/loss_plain_copy"));
  const auto evaluated = scalars(fields(events[301]));
  CHECK(evaluated.at("eval/unseen/title_em") == 0.25f);
  CHECK(evaluated.at("eval/unseen/mentions") == 4);
  CHECK(!evaluated.contains("eval/unseen/copy_loss"));
}
