// JSON lines: a value on each line of a file or of standard input, read one at a time. What is wrong with a line is
// DamagedInput that names file and line.
#pragma once

#include <optional>
#include <typeinfo>
#include <utility>

#include "tensor/base/error.h"
#include "tensor/base/json.h"
#include "tensor/base/lines.h"

namespace base {

// Returns f(). An Error or DamagedInput from it becomes DamagedInput that names the place before the reason.
template <class F>
auto read_at(const std::string& place, F f) {
  try {
    return f();
  } catch (const Error& error) {
    if (typeid(error) != typeid(Error) && typeid(error) != typeid(DamagedInput)) throw;
    throw DamagedInput(place + ": " + error.what());
  }
}

class JsonLines {
 public:
  explicit JsonLines(const std::string& path, JsonLimits limits = {}) : lines_(path, limits.bytes), limits_(limits) {}

  // Returns read(json) of the next line, or nothing behind the last one. `read` may throw Error, as members of Json do
  // where an entry is missing or of another type. An empty line is damage.
  template <class Read>
  auto next(Read read) -> std::optional<decltype(read(std::declval<const Json&>()))> {
    if (!lines_.next()) return std::nullopt;
    const Json json = parse_json(lines_.text(), lines_.place(), limits_);
    return read_at(lines_.place(), [&] { return read(json); });
  }

  std::string place() const { return lines_.place(); }  // of the line that next() has given: "FILE: line 7"
  const std::string& source() const { return lines_.source(); }

 private:
  Lines lines_;
  JsonLimits limits_;
};

// Returns read(an entry of an object). Throws Error, which names the key, if it is missing, and for an Error of read.
template <class Read>
decltype(auto) entry_at(const Json& json, std::string_view key, Read read) {
  const Json& value = json.at(key);
  try {
    return read(value);
  } catch (const Error& error) {
    throw Error(std::string(key) + ": " + error.what());
  }
}

// The same for an entry of a type.
const std::string& string_at(const Json& json, std::string_view key);
int64_t int_at(const Json& json, std::string_view key);
double number_at(const Json& json, std::string_view key);
const Json::Array& items_at(const Json& json, std::string_view key);

}  // namespace base
