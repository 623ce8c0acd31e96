// Appositives: short phrases behind a name that say who or what it is, and sentences in which one is left out. Readers
// of several formats give the same items, one at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kilm::evaluation {

// A fact of a knowledge base.
struct AppositiveFact {
  std::string property, value;
  std::string qualifier;  // "" if there is none
};

// A sentence with a slot for an appositive. All texts are tokens joined by single spaces.
struct Appositive {
  std::string name;                    // of whom or what it is about
  std::string left, right;             // of the slot, without the white space around it
  std::string previous, next;          // up to 100 tokens of the sentences around it; "" if there is none
  std::string target;                  // what stood in the slot; "" if nothing did
  std::optional<AppositiveFact> fact;  // the first that the target uses

  // Finds the byte of `left` where the last occurrence of the name begins, or nothing.
  std::optional<size_t> name_begin() const;
};

class AppositiveReader {
 public:
  virtual ~AppositiveReader() = default;

  // Returns nothing behind the last item. Throws DamagedInput, which names the line, for a file without one, too.
  std::optional<Appositive> next();
  virtual std::string place() const = 0;  // of the item that next() has given: "FILE: line 7"

 protected:
  virtual std::optional<Appositive> read() = 0;
  virtual const std::string& source() const = 0;

 private:
  bool any_ = false;
};

inline constexpr int64_t kContextTokens = 100;  // of each sentence around an appositive's, at most

// Opens PoMo's format where the path ends in .pm (pomo.h), else that of ApposCorpus (appos_corpus.h).
std::unique_ptr<AppositiveReader> open_appositives(const std::string& path);

}  // namespace kilm::evaluation
