// JSON values. Reading goes through nlohmann's SAX parser inside json.cpp, as its header costs seconds per file.
// Duplicate keys, deep nesting and broken UTF-8 are refused with file, offset and reason. Numbers round-trip exactly.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace base {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  // Members in the order written. Lookup is linear, which suits the small objects that use it; big tables (a
  // vocabulary) iterate over members().
  using Object = std::vector<Member>;

  Json() = default;  // null
  Json(bool value) : value_(value) {}
  Json(int value) : value_(int64_t(value)) {}
  Json(int64_t value) : value_(value) {}
  Json(uint64_t value);  // throws Error above the largest int64_t
  Json(double value) : value_(value) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  static Json object(Object members = {});
  static Json array(Array items = {}) { return Json(std::move(items)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_int() const { return std::holds_alternative<int64_t>(value_); }
  bool is_number() const { return is_int() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<ObjectBox>(value_); }

  // Returns the value. Each throws Error("expected an integer, found a string") on another type; the caller adds file
  // and key.
  bool as_bool() const;
  int64_t as_int() const;
  double as_number() const;  // integers too
  const std::string& as_string() const;
  const Array& items() const;
  const Object& members() const;

  const Json* find(std::string_view key) const;  // null when absent or when this is no object
  const Json& at(std::string_view key) const;    // throws Error naming the key
  Json& set(std::string_view key, Json value);   // replaces or appends; a null value becomes an object first
  void push_back(Json value);                    // a null value becomes an array first

  std::string dump(int indent = -1) const;  // UTF-8 as it is; indent < 0: one line. Not-finite numbers become null

  bool operator==(const Json& other) const { return value_ == other.value_; }

 private:
  struct ObjectBox {
    Object members;
    bool operator==(const ObjectBox& other) const { return members == other.members; }
  };
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, ObjectBox> value_;
};

struct JsonLimits {
  size_t bytes = size_t(64) << 20;
  size_t values = 4'000'000;  // each takes some 100 bytes of memory and needs 2 of text
  int depth = 64;
};

// Reads a text, which `source` names in errors: a path, or "standard input". Throws DamagedInput.
Json parse_json(std::string_view text, std::string_view source, JsonLimits limits = {});
Json read_json_file(const std::string& path, JsonLimits limits = {});  // Error when it cannot be read

// Appends text as a JSON string literal with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace base
