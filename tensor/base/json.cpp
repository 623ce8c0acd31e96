#include "tensor/base/json.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace base {

Json::Json(uint64_t value) {
  check(value <= uint64_t(INT64_MAX), "json: {} does not fit 64 signed bits", value);
  value_ = int64_t(value);
}

Json Json::object(Object members) {
  Json json;
  json.value_ = ObjectBox{std::move(members)};
  return json;
}

namespace {

const char* kind(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_bool()) return "true or false";
  if (json.is_int()) return "an integer";
  if (json.is_number()) return "a number";
  if (json.is_string()) return "a string";
  return json.is_array() ? "an array" : "an object";
}

[[noreturn]] void wrong_kind(const char* expected, const Json& json) {
  fail(format("expected {}, found {}", expected, kind(json)));
}

}  // namespace

bool Json::as_bool() const {
  if (const bool* value = std::get_if<bool>(&value_)) return *value;
  wrong_kind("true or false", *this);
}

int64_t Json::as_int() const {
  if (const int64_t* value = std::get_if<int64_t>(&value_)) return *value;
  wrong_kind("an integer", *this);
}

double Json::as_number() const {
  if (const double* value = std::get_if<double>(&value_)) return *value;
  if (is_int()) return double(as_int());
  wrong_kind("a number", *this);
}

const std::string& Json::as_string() const {
  if (const std::string* value = std::get_if<std::string>(&value_)) return *value;
  wrong_kind("a string", *this);
}

const Json::Array& Json::items() const {
  if (const Array* value = std::get_if<Array>(&value_)) return *value;
  wrong_kind("an array", *this);
}

const Json::Object& Json::members() const {
  if (const ObjectBox* value = std::get_if<ObjectBox>(&value_)) return value->members;
  wrong_kind("an object", *this);
}

const Json* Json::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const Member& member : members())
    if (member.first == key) return &member.second;
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  const Json* value = find(key);
  check(value != nullptr, "no entry \"{}\"", key);
  return *value;
}

Json& Json::set(std::string_view key, Json value) {
  if (is_null()) value_ = ObjectBox{};
  if (!is_object()) wrong_kind("an object", *this);
  Object& object = std::get<ObjectBox>(value_).members;
  for (Member& member : object)
    if (member.first == key) return member.second = std::move(value);
  object.emplace_back(std::string(key), std::move(value));
  return object.back().second;
}

void Json::push_back(Json value) {
  if (is_null()) value_ = Array{};
  if (!is_array()) wrong_kind("an array", *this);
  std::get<Array>(value_).push_back(std::move(value));
}

namespace {

// Returns the length of the valid UTF-8 sequence at the start of text, 0 when there is none.
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : 0; };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return follows(1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if ((b == 0xe0 && byte(1) < 0xa0) || (b == 0xed && byte(1) > 0x9f)) return 0;  // overlong, surrogate
    return 3;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if ((b == 0xf0 && byte(1) < 0x90) || (b == 0xf4 && byte(1) > 0x8f)) return 0;  // overlong, above U+10FFFF
    return 4;
  }
  return 0;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default: {
      const char* hex = "0123456789abcdef";
      out += "\\u00";
      out += hex[uint8_t(c) >> 4];
      out += hex[uint8_t(c) & 15];
    }
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const uint8_t b = uint8_t(text[0]);
    if (b < 0x20 || b == '"' || b == '\\') {
      append_escaped(out, text[0]);
      text.remove_prefix(1);
    } else if (const size_t n = utf8_length(text)) {
      out.append(text.substr(0, n));
      text.remove_prefix(n);
    } else {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
    }
  }
  out += '"';
}

namespace {

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];
  const size_t size =
      size_t(std::to_chars(buffer, buffer + sizeof buffer, value).ptr - buffer);  // shortest text that reads back equal
  out.append(buffer, size);
  if (std::string_view(buffer, size).find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_line_break(std::string& out, int indent, int depth) {
  if (indent < 0) return;
  out += '\n';
  out.append(size_t(indent) * size_t(depth), ' ');
}

void append_value(std::string& out, const Json& json, int indent, int depth);

template <class List, class Append>
void append_list(std::string& out, const List& list, char open, char close, int indent, int depth, Append append) {
  out += open;
  bool first = true;
  for (const auto& entry : list) {
    if (!first) out += indent < 0 ? ", " : ",";
    first = false;
    append_line_break(out, indent, depth + 1);
    append(entry);
  }
  if (!first) append_line_break(out, indent, depth);
  out += close;
}

void append_value(std::string& out, const Json& json, int indent, int depth) {
  if (json.is_null())
    out += "null";
  else if (json.is_bool())
    out += json.as_bool() ? "true" : "false";
  else if (json.is_int())
    out += std::to_string(json.as_int());
  else if (json.is_number())
    append_number(out, json.as_number());
  else if (json.is_string())
    append_json_string(out, json.as_string());
  else if (json.is_array())
    append_list(out, json.items(), '[', ']', indent, depth,
                [&](const Json& item) { append_value(out, item, indent, depth + 1); });
  else
    append_list(out, json.members(), '{', '}', indent, depth, [&](const Json::Member& member) {
      append_json_string(out, member.first);
      out += ": ";
      append_value(out, member.second, indent, depth + 1);
    });
}

}  // namespace

std::string Json::dump(int indent) const {
  std::string out;
  append_value(out, *this, indent, 0);
  return out;
}

namespace {

// Builds a Json from parser events. The open containers are a stack, so depth costs no recursion.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view source, JsonLimits limits) : source_(source), limits_(limits) {}

  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json(int64_t(value))); }
  bool number_unsigned(number_unsigned_t value) override {
    return add(value <= uint64_t(INT64_MAX) ? Json(int64_t(value)) : Json(double(value)));
  }
  bool number_float(number_float_t value, const string_t&) override { return add(Json(value)); }
  bool string(string_t& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Json::object()); }
  bool start_array(size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    check<DamagedInput>(open_.back().keys.insert(value).second, "{}: duplicate key \"{}\"", source_, value);
    open_.back().key = std::move(value);
    return true;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    std::string reason = error.what();
    if (const size_t at = reason.find("column"); at != std::string::npos) {
      const size_t colon = reason.find(": ", at);
      if (colon != std::string::npos) reason.erase(0, colon + 2);
    }
    throw DamagedInput(format("{}: offset {}: not JSON: {}", source_, position, reason));
  }

  Json result() { return std::move(root_); }

 private:
  struct Open {
    Json value;
    std::string key;
    std::unordered_set<std::string> keys;
    Json::Object members;
    Json::Array items;
  };

  bool open(Json empty) {
    check<DamagedInput>(int(open_.size()) < limits_.depth, "{}: nested deeper than {} levels", source_, limits_.depth);
    open_.push_back({std::move(empty), {}, {}, {}, {}});
    return true;
  }

  bool close() {
    Open top = std::move(open_.back());
    open_.pop_back();
    return add(top.value.is_array() ? Json(std::move(top.items)) : Json::object(std::move(top.members)));
  }

  bool add(Json value) {
    check<DamagedInput>(++values_ <= limits_.values, "{}: holds more than {} values", source_, limits_.values);
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().value.is_array())
      open_.back().items.push_back(std::move(value));
    else
      open_.back().members.emplace_back(std::move(open_.back().key), std::move(value));
    return true;
  }

  std::string_view source_;
  JsonLimits limits_;
  size_t values_ = 0;
  Json root_;
  std::vector<Open> open_;
};

}  // namespace

Json parse_json(std::string_view text, std::string_view source, JsonLimits limits) {
  check<DamagedInput>(text.size() <= limits.bytes, "{}: {} bytes of JSON are above the limit of {}", source,
                      text.size(), limits.bytes);
  Builder builder(source, limits);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.result();
}

Json read_json_file(const std::string& path, JsonLimits limits) {
  return parse_json(read_file(path, limits.bytes), path, limits);
}

}  // namespace base
