// The items of a list in one JSON text, which may be too large for memory: the list that the text is, or that an entry
// of the object has which the text is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kilm/dump/text_source.h"
#include "tensor/base/json.h"

namespace kilm::evaluation {

class JsonItems {
 public:
  // Takes the key of the list; an empty one if the text is the list. The source must live as long.
  JsonItems(dump::TextSource& source, std::string key) : source_(source), key_(std::move(key)) {}

  // Returns the next item, which must be an object, or nothing behind the last one, when the text around the list is
  // checked, too. Throws DamagedInput, which names file and line.
  std::optional<base::Json> next();
  int64_t line() const { return line_; }  // where that item begins

 private:
  static constexpr size_t kMostAround = 1 << 20;  // bytes of the text around the list

  void find_list();
  void find_entry();
  void finish();    // reads what is behind the list
  int next_sign();  // the next byte that is no white space, or -1
  void copy_string(std::string& out);
  std::string item_text();
  [[noreturn]] void damaged(const char* reason) const;

  dump::TextSource& source_;
  std::string key_;
  std::string around_;  // the text without the items
  int64_t line_ = 0;
  enum class Where { before, at_first, inside, behind } where_ = Where::before;
};

}  // namespace kilm::evaluation
