#include "kilm/evaluation/readers/python_list.h"

#include <algorithm>

#include "kilm/text/unicode.h"
#include "tensor/base/format.h"

namespace kilm::evaluation {

namespace {

using base::check;

int digit_of(char c, int base) {
  const int value = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 16;
  return value < base ? value : -1;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<std::string> list() {
    std::vector<std::string> strings;
    skip_spaces();
    take('[');
    skip_spaces();
    while (!try_take(']')) {
      strings.push_back(string());
      skip_spaces();
      if (try_take(']')) break;
      take(',');
      skip_spaces();
    }
    skip_spaces();
    check(at_ == text_.size(), "list of strings: byte {}: there is text behind the list", at_);
    return strings;
  }

 private:
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool try_take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void take(char c) {
    const size_t place = at_;
    check(try_take(c), "list of strings: byte {}: should be {}", place, c);
  }
  void skip_spaces() {
    while (next() == ' ' || next() == '\t' || next() == '\n' || next() == '\r') ++at_;
  }

  std::string string() {
    const char quote = next();
    check(quote == '\'' || quote == '"', "list of strings: byte {}: should be a string in quotes", at_);
    ++at_;
    std::string result;
    while (!try_take(quote)) {
      check(at_ < text_.size() && next() != '\n', "list of strings: byte {}: the string does not end", at_);
      if (try_take('\\'))
        escape(result);
      else
        result += text_[at_++];
    }
    return result;
  }

  // Appends what an escape stands for. As in Python, a backslash before any other character is text.
  void escape(std::string& out) {
    static constexpr std::string_view kLetters = "\\'\"abfnrtv", kMeanings = "\\'\"\a\b\f\n\r\t\v";
    check(at_ < text_.size(), "list of strings: byte {}: the string does not end", at_);
    const char c = text_[at_];
    if (const size_t letter = kLetters.find(c); letter != kLetters.npos) {
      ++at_;
      out += kMeanings[letter];
    } else if (digit_of(c, 8) >= 0) {
      character(out, 1, 3, 8);
    } else if (c == 'x' || c == 'u' || c == 'U') {
      ++at_;
      const int digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      character(out, digits, digits, 16);
    } else {
      check(c != 'N', "list of strings: byte {}: names of characters are not read", at_);
      if (c != '\n') out += '\\';  // a line that ends with it goes on
      if (c == '\n') ++at_;
    }
  }

  void character(std::string& out, int fewest, int most, int base) {
    const size_t begin = at_;
    uint64_t value = 0;
    int digits = 0;
    for (; digits < most && at_ < text_.size() && digit_of(text_[at_], base) >= 0; ++digits)
      value = value * uint64_t(base) + uint64_t(digit_of(text_[at_++], base));
    check(digits >= fewest, "list of strings: byte {}: should be {} digits", begin, fewest);
    check(value < text::kNoCharacter && !(value >= 0xD800 && value < 0xE000),
          "list of strings: byte {}: {:x} is no character", begin, value);
    text::append_utf8(out, char32_t(value));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<std::string> python_list(std::string_view text) { return Parser(text).list(); }

}  // namespace kilm::evaluation
