#include "tensor/base/json_lines.h"

namespace base {

const std::string& string_at(const Json& json, std::string_view key) {
  return entry_at(json, key, [](const Json& value) -> const std::string& { return value.as_string(); });
}

int64_t int_at(const Json& json, std::string_view key) {
  return entry_at(json, key, [](const Json& value) { return value.as_int(); });
}

double number_at(const Json& json, std::string_view key) {
  return entry_at(json, key, [](const Json& value) { return value.as_number(); });
}

const Json::Array& items_at(const Json& json, std::string_view key) {
  return entry_at(json, key, [](const Json& value) -> const Json::Array& { return value.items(); });
}

}  // namespace base
