// Mentions in the columns of AIDA (Hoffart et al. 2011) and KORE50: a document begins with `-DOCSTART- (NAME)`, a line
// is a token, and one of a mention goes on behind tabs with B or I, the mention, its YAGO title and perhaps the address
// of its page, an id and another one. The text is the document's tokens with single spaces between.
#include <deque>

#include "kilm/evaluation/readers/columns.h"
#include "kilm/evaluation/readers/mention_readers.h"
#include "kilm/text/unicode.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::evaluation {

namespace {

using base::check;

constexpr std::string_view kStart = "-DOCSTART-";
constexpr size_t kMaxLine = size_t(1) << 20;

// Returns the number of four hexadecimal digits, or -1.
int32_t unit_at(std::string_view digits) {
  if (digits.size() < 4) return -1;
  int32_t unit = 0;
  for (const char c : digits.substr(0, 4)) {
    const auto digit = std::string_view("0123456789abcdef").find(char(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c));
    if (digit == std::string_view::npos) return -1;
    unit = unit * 16 + int32_t(digit);
  }
  return unit;
}

// Decodes \uXXXX, which are units of UTF-16.
std::string decode_escapes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    int32_t unit = text.starts_with("\\u") ? unit_at(text.substr(2)) : -1;
    if (unit < 0) {
      result += text[0];
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(6);
    if (unit >= 0xD800 && unit < 0xE000) {
      const int32_t low = unit < 0xDC00 && text.starts_with("\\u") ? unit_at(text.substr(2)) : -1;
      check(low >= 0xDC00 && low < 0xE000, "title: \\u{:04x} should be one of a pair", unit);
      unit = 0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00);
      text.remove_prefix(6);
    }
    text::append_utf8(result, char32_t(unit));
  }
  return result;
}

// Returns what an address ends in: the title of the page, which may have a slash in it.
std::string_view page_of(std::string_view address) {
  constexpr std::string_view kPages = "/wiki/";
  const size_t pages = address.find(kPages), slash = address.rfind('/');
  if (pages != address.npos) return address.substr(pages + kPages.size());
  return slash == address.npos ? address : address.substr(slash + 1);
}

std::optional<std::string> gold_of(const std::vector<std::string_view>& columns) {
  if (columns[3] == "--NME--") return std::nullopt;
  if (columns.size() > 4 && !columns[4].empty()) return title_of(page_of(columns[4]));
  return title_of(decode_escapes(columns[3]));
}

class ConllMentions final : public MentionReader {
 public:
  explicit ConllMentions(const std::string& path) : lines_(path, kMaxLine) { more_ = lines_.next(); }

  std::optional<MentionItem> next() override {
    while (mentions_.empty() && more_) read_document();
    if (mentions_.empty()) return std::nullopt;
    MentionItem item = std::move(mentions_.front());
    mentions_.pop_front();
    item.text = text_;
    item.id = number_++;
    return item;
  }

 private:
  std::string_view row() const {
    std::string_view row = lines_.text();
    if (row.ends_with('\r')) row.remove_suffix(1);
    return row;
  }

  void read_document() {
    document_ = base::read_at(lines_.place(), [&] { return document_name(); });
    std::string text;
    bool open = false;  // whether the mention before goes on
    while ((more_ = lines_.next()) && !row().starts_with(kStart))
      base::read_at(lines_.place(), [&] { read_row(row(), text, open); });
    text_ = std::make_shared<const std::string>(std::move(text));
  }

  std::string document_name() const {
    const std::string_view row = this->row();
    check(row.starts_with(kStart), "the first line should begin with -DOCSTART-");
    const std::string_view name = row.substr(kStart.size());
    check(text::is_utf8(name), "is not UTF-8");
    check(name.size() > 3 && name.starts_with(" (") && name.ends_with(')'),
          "-DOCSTART- should be followed by a space and the document's name in parentheses");
    return std::string(name.substr(2, name.size() - 3));
  }

  void read_row(std::string_view row, std::string& text, bool& open) {
    if (row.empty()) {
      open = false;
      return;
    }
    check(text::is_utf8(row), "is not UTF-8");
    const std::vector<std::string_view> columns = columns_of(row);
    check(columns.size() == 1 || (columns.size() >= 4 && columns.size() <= 7),
          "has {} columns; a token has one, and one of a mention 4 to 7", columns.size());
    check(!columns[0].empty(), "a token should not be empty");
    if (!text.empty()) text += ' ';
    const auto start = int64_t(text.size());
    text += columns[0];
    check(text.size() <= kMaxMentionText, "a document should not be longer than 64 MiB");
    if (columns.size() == 1) {
      open = false;
      return;
    }
    check(columns[1] == "B" || columns[1] == "I", "the second column is \"{}\" and should be B or I", columns[1]);
    check(columns[1] == "B" || open, "I before B: no mention begins in the line above");
    if (columns[1] == "B")
      mentions_.push_back({.document = document_, .start = start, .title = gold_of(columns), .place = lines_.place()});
    mentions_.back().end = int64_t(text.size());
    open = true;
  }

  base::Lines lines_;
  bool more_ = false;                        // whether lines_ holds the first line of a document
  std::string document_;                     // that was read last
  std::shared_ptr<const std::string> text_;  // of it
  std::deque<MentionItem> mentions_;         // of it, without text and number
  int64_t number_ = 0;                       // of the next mention
};

}  // namespace

std::unique_ptr<MentionReader> read_conll_mentions(const std::string& path) {
  return std::make_unique<ConllMentions>(path);
}

}  // namespace kilm::evaluation
