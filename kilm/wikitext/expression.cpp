#include "kilm/wikitext/expression.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <numbers>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::wikitext {

namespace {

constexpr size_t kMaxExpression = 1000;  // bytes
constexpr int kMaxNested = 100;          // parentheses and functions in each other

struct Function {
  std::string_view name;
  double (*apply)(double);
};
constexpr Function kFunctions[] = {
    {"abs", [](double x) { return std::abs(x); }},     {"not", [](double x) { return double(x == 0); }},
    {"floor", [](double x) { return std::floor(x); }}, {"ceil", [](double x) { return std::ceil(x); }},
    {"trunc", [](double x) { return std::trunc(x); }}, {"exp", [](double x) { return std::exp(x); }},
    {"ln", [](double x) { return std::log(x); }},      {"sqrt", [](double x) { return std::sqrt(x); }},
    {"sin", [](double x) { return std::sin(x); }},     {"cos", [](double x) { return std::cos(x); }},
    {"tan", [](double x) { return std::tan(x); }},     {"asin", [](double x) { return std::asin(x); }},
    {"acos", [](double x) { return std::acos(x); }},   {"atan", [](double x) { return std::atan(x); }},
};

double rounded(double x, double digits) {
  const double scale = std::pow(10.0, std::trunc(digits));
  return std::isfinite(scale) && scale != 0 ? std::round(x * scale) / scale : x;
}

// Returns the remainder of integers: MediaWiki's mod cuts its operands.
double modulo(double x, double y) { return std::fmod(std::trunc(x), std::trunc(y)); }

struct Operator {
  std::string_view name;
  int strength;  // what binds more strongly is done first
  double (*apply)(double, double);
};
// Where signs begin alike, the longer one is first.
constexpr Operator kOperators[] = {
    {"<>", 4, [](double x, double y) { return double(x != y); }},
    {"!=", 4, [](double x, double y) { return double(x != y); }},
    {"<=", 4, [](double x, double y) { return double(x <= y); }},
    {">=", 4, [](double x, double y) { return double(x >= y); }},
    {"<", 4, [](double x, double y) { return double(x < y); }},
    {">", 4, [](double x, double y) { return double(x > y); }},
    {"=", 4, [](double x, double y) { return double(x == y); }},
    {"+", 6, [](double x, double y) { return x + y; }},
    {"-", 6, [](double x, double y) { return x - y; }},
    {"−", 6, [](double x, double y) { return x - y; }},
    {"*", 7, [](double x, double y) { return x * y; }},
    {"/", 7, [](double x, double y) { return x / y; }},
    {"^", 8, [](double x, double y) { return std::pow(x, y); }},
    {"or", 2, [](double x, double y) { return double(x != 0 || y != 0); }},
    {"and", 3, [](double x, double y) { return double(x != 0 && y != 0); }},
    {"round", 5, rounded},
    {"div", 7, [](double x, double y) { return x / y; }},
    {"mod", 7, modulo},
    {"fmod", 7, [](double x, double y) { return std::fmod(x, y); }},
    {"e", 10, [](double x, double y) { return x * std::pow(10.0, y); }},
};

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<double> run() {
    const double value = expression(0);
    skip_space();
    return failed_ || at_ < text_.size() || !std::isfinite(value) ? std::nullopt : std::optional(value);
  }

 private:
  // Reads operands joined by operators that bind at least with `strength`; those of one strength from left to right.
  double expression(int strength) {
    double value = operand();
    while (!failed_) {
      const Operator* const op = next_operator(strength);
      if (op == nullptr) break;
      value = op->apply(value, expression(op->strength + 1));
      if (!std::isfinite(value)) return fail();  // divided by zero
    }
    return value;
  }

  double operand() {
    skip_space();
    if (++nested_ > kMaxNested || at_ == text_.size()) return fail();
    double value = 0;
    if (take("(")) {
      value = expression(0);
      skip_space();
      if (!take(")")) return fail();
    } else if (take("-") || take("−")) {
      value = -expression(10);
    } else if (take("+")) {
      value = expression(10);
    } else if (text::is_digit(text_[at_]) || text_[at_] == '.') {
      value = number();
    } else {
      value = named();
    }
    --nested_;
    return value;
  }

  double number() {
    double value = 0;
    size_t end = at_;
    while (end < text_.size() && (text::is_digit(text_[end]) || text_[end] == '.')) ++end;
    const char* const stop = text_.data() + end;
    const auto read = std::from_chars(text_.data() + at_, stop, value, std::chars_format::fixed);
    if (read.ec != std::errc() || read.ptr != stop) return fail();
    at_ = end;
    return value;
  }

  double named() {
    const std::string_view name = word();
    at_ += name.size();
    if (name == "pi") return std::numbers::pi;
    if (name == "e") return std::numbers::e;
    for (const Function& function : kFunctions)
      if (function.name == name) return function.apply(expression(9));
    return fail();
  }

  const Operator* next_operator(int strength) {
    skip_space();
    const std::string_view name = word();
    for (const Operator& op : kOperators) {
      const bool here = text::is_letter(op.name[0]) ? name == op.name : text_.substr(at_).starts_with(op.name);
      if (!here) continue;
      if (op.strength < strength) return nullptr;
      at_ += op.name.size();
      return &op;
    }
    return nullptr;
  }

  std::string_view word() const {
    size_t end = at_;
    while (end < text_.size() && text::is_letter(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  bool take(std::string_view sign) {
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  double fail() {
    failed_ = true;
    return 0;
  }

  std::string_view text_;
  size_t at_ = 0;
  int nested_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<double> evaluate_expression(std::string_view expression) {
  if (expression.size() > kMaxExpression) return {};
  const std::string lower = text::lower_case(expression);
  return Reader(lower).run();
}

std::optional<std::string> written_value(double value) {
  if (value == 0) return "0";
  char digits[64];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value, std::chars_format::general, 14).ptr;
  std::string text(std::begin(digits), end);
  if (text.find('e') != text::kNone) return {};
  return text;
}

}  // namespace kilm::wikitext
