#include "kilm/evaluation/readers/json_items.h"

#include "tensor/base/format.h"

namespace kilm::evaluation {

namespace {

constexpr size_t kMostOfItem = base::JsonLimits{}.bytes;

bool is_space(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

void JsonItems::damaged(const char* reason) const { throw base::DamagedInput(source_.place() + ": " + reason); }

int JsonItems::next_sign() {
  int c = source_.get();
  while (is_space(c)) c = source_.get();
  return c;
}

// Copies a string whose first quote was copied.
void JsonItems::copy_string(std::string& out) {
  for (int c = source_.get(); c != '"'; c = source_.get()) {
    if (c < 0) damaged("the text ends inside of a string");
    if (out.size() > kMostOfItem) damaged("a string has no end");
    out += char(c);
    if (c == '\\') {
      const int escaped = source_.get();
      if (escaped < 0) damaged("the text ends inside of a string");
      out += char(escaped);
    }
  }
  out += '"';
}

void JsonItems::find_list() {
  if (key_.empty()) {
    if (next_sign() != '[') damaged("should be a list");
    around_ = "[";
  } else {
    find_entry();
  }
  where_ = Where::at_first;
}

// Copies the text up to the bracket that opens the entry's list.
void JsonItems::find_entry() {
  if (next_sign() != '{') damaged("should be an object");
  around_ = "{";
  const std::string wanted = "\"" + key_ + "\"";
  std::string last_string;
  int depth = 1, last_sign = '{';
  while (depth > 0 && around_.size() <= kMostAround) {
    const int c = source_.get();
    if (c < 0) damaged("the text ends inside of an object");
    around_ += char(c);
    if (c == '[' && depth == 1 && last_sign == ':' && last_string == wanted) return;
    if (c == '"') {
      const size_t begin = around_.size() - 1;
      copy_string(around_);
      last_string = around_.substr(begin);
    }
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    if (!is_space(c)) last_sign = c;
  }
  damaged(base::format("there is no list \"{}\"", key_).c_str());
}

// Takes the text of an item whose first brace was taken.
std::string JsonItems::item_text() {
  std::string text = "{";
  for (int depth = 1; depth > 0;) {
    const int c = source_.get();
    if (c < 0) damaged("the text ends inside of an object");
    if (text.size() > kMostOfItem) damaged("an object has no end");
    text += char(c);
    if (c == '"') copy_string(text);
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
  }
  return text;
}

void JsonItems::finish() {
  where_ = Where::behind;
  around_ += ']';
  for (int c = source_.get(); c >= 0; c = source_.get()) {
    if (around_.size() > kMostAround) damaged("there is too much text behind the list");
    around_ += char(c);
  }
  base::parse_json(around_, source_.name() + ": around the list");
}

std::optional<base::Json> JsonItems::next() {
  if (where_ == Where::before) find_list();
  if (where_ == Where::behind) return std::nullopt;
  int c = next_sign();
  if (c == ']') {
    finish();
    return std::nullopt;
  }
  if (where_ == Where::inside) {
    if (c != ',') damaged("should be a comma or the end of the list");
    c = next_sign();
  }
  where_ = Where::inside;
  if (c != '{') damaged("should be an object");
  line_ = source_.line();
  return base::parse_json(item_text(), base::format("{}: line {}", source_.name(), line_));
}

}  // namespace kilm::evaluation
