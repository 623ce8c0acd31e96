#include "kilm/text/pattern.h"

#include <utf8proc.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "tensor/base/format.h"

namespace kilm::text {

namespace {

using base::check;
using Characters = Pattern::Characters;
using Kind = Pattern::Kind;
using State = Pattern::State;

constexpr size_t kMostBytes = 4096, kMostStates = 50'000;
constexpr int kDeepest = 100, kMostTimes = 1000;
constexpr int kUnlimited = -1;
constexpr char32_t kLast = kNoCharacter - 1;

bool is_of_kind(char32_t c, char kind) {
  switch (kind) {
    case 'd': return is_digit_character(c);
    case 'w': return is_word_character(c);
    case 's': return is_white_space(c);
    default: return !is_of_kind(c, to_lower(kind));
  }
}

// Sorts ranges and kinds, and joins ranges that touch.
void put_in_order(Characters& some) {
  std::ranges::sort(some.ranges);
  std::vector<std::pair<char32_t, char32_t>> joined;
  for (const auto& [first, last] : some.ranges)
    if (joined.empty() || first > joined.back().second + 1)
      joined.emplace_back(first, last);
    else
      joined.back().second = std::max(joined.back().second, last);
  some.ranges = std::move(joined);
  std::ranges::sort(some.kinds);
  some.kinds.erase(std::ranges::unique(some.kinds).begin(), some.kinds.end());
}

bool holds(const Characters& some, char32_t c) {
  const auto range = std::ranges::lower_bound(some.ranges, c, {}, &std::pair<char32_t, char32_t>::second);
  return (range != some.ranges.end() && range->first <= c) ||
         std::ranges::any_of(some.kinds, [&](char kind) { return is_of_kind(c, kind); });
}

bool holds_in_either_case(const Characters& some, char32_t c) {
  const auto lower = char32_t(utf8proc_tolower(utf8proc_int32_t(c))),
             upper = char32_t(utf8proc_toupper(utf8proc_int32_t(c)));
  return (holds(some, c) || holds(some, lower) || holds(some, upper)) != some.negated;
}

// A part of a pattern.
struct Node {
  enum class Type { state, all, any, repeat } type;
  State state = {};                               // what one_of, begin, end, edge, no_edge are
  std::vector<std::unique_ptr<Node>> parts = {};  // one behind another, or alternatives
  int fewest = 0, most = kUnlimited;              // of repeat
};
using NodePointer = std::unique_ptr<Node>;

class Parser {
 public:
  Parser(std::string_view pattern, std::vector<Characters>& characters) : text_(pattern), characters_(characters) {}

  NodePointer whole() {
    NodePointer node = alternatives(0);
    check(at_ == text_.size(), "pattern: byte {}: ) closes nothing", at_);
    return node;
  }

 private:
  char next(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool ended() const { return at_ >= text_.size(); }
  bool try_take(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  char32_t take_character() {
    const char32_t c = first_character(text_.substr(at_));
    check(!ended() && c != kNoCharacter, "pattern: byte {}: {}", at_, ended() ? "ends too early" : "is not UTF-8");
    at_ += utf8_size(c);
    return c;
  }

  NodePointer alternatives(int depth) {
    check(depth < kDeepest, "pattern: byte {}: more than {} groups inside of each other", at_, kDeepest);
    auto node = std::make_unique<Node>(Node{.type = Node::Type::any});
    do node->parts.push_back(sequence(depth));
    while (try_take("|"));
    return node;
  }

  NodePointer sequence(int depth) {
    auto node = std::make_unique<Node>(Node{.type = Node::Type::all});
    while (!ended() && next() != '|' && next() != ')') node->parts.push_back(repeated(atom(depth)));
    return node;
  }

  NodePointer repeated(NodePointer atom) {
    const std::optional<std::pair<int, int>> times = quantifier();
    if (!times) return atom;
    try_take("?");
    const size_t place = at_;
    check(!quantifier(), "pattern: byte {}: repeats what is repeated", place);
    auto node = std::make_unique<Node>(Node{.type = Node::Type::repeat, .fewest = times->first, .most = times->second});
    node->parts.push_back(std::move(atom));
    return node;
  }

  std::optional<std::pair<int, int>> quantifier() {
    if (try_take("*")) return {{0, kUnlimited}};
    if (try_take("+")) return {{1, kUnlimited}};
    if (try_take("?")) return {{0, 1}};
    const size_t begin = at_;
    const auto times = numbers_in_braces();
    if (!times) at_ = begin;  // as in Python, { is then text
    return times;
  }

  std::optional<std::pair<int, int>> numbers_in_braces() {
    const size_t place = at_;
    if (!try_take("{")) return std::nullopt;
    const std::optional<int> fewest = number();
    std::optional<int> most = fewest;
    if (try_take(",")) most = number().value_or(kUnlimited);
    if (!most || !try_take("}")) return std::nullopt;
    check(*most == kUnlimited || *most >= fewest.value_or(0), "pattern: byte {}: at most {} times, but at least {}",
          place, *most, fewest.value_or(0));
    return {{fewest.value_or(0), *most}};
  }

  std::optional<int> number() {
    std::optional<int> value;
    while (is_digit(next())) {
      value = value.value_or(0) * 10 + (next() - '0');
      check(*value <= kMostTimes, "pattern: byte {}: more than {} times", at_, kMostTimes);
      ++at_;
    }
    return value;
  }

  NodePointer atom(int depth) {
    const size_t place = at_;
    if (try_take("(")) {
      check(next() != '?' || try_take("?:"), "pattern: byte {}: such groups are not read", place);
      NodePointer node = alternatives(depth + 1);
      check(try_take(")"), "pattern: byte {}: the group does not end", place);
      return node;
    }
    check(!quantifier(), "pattern: byte {}: repeats nothing", place);
    if (try_take("^")) return state(Kind::begin);
    if (try_take("$")) return state(Kind::end);
    if (try_take("\\b")) return state(Kind::edge);
    if (try_take("\\B")) return state(Kind::no_edge);
    if (try_take("[")) return one_of(set(place));
    if (try_take(".")) return one_of({.ranges = {{'\n', '\n'}}, .kinds = {}, .negated = true});
    Characters some;
    add_character(some);
    return one_of(std::move(some));
  }

  // Adds the character, or the kind of them, that comes next. Returns the character.
  std::optional<char32_t> add_character(Characters& some) {
    const size_t place = at_;
    if (!try_take("\\")) return add(some, take_character());
    static constexpr std::string_view kLetters = "ntrfva", kMeanings = "\n\t\r\f\v\a", kKinds = "dwsDWS";
    const char32_t c = take_character();
    if (c >= 0x80) return add(some, c);
    const char letter = char(c);
    if (kKinds.find(letter) != kKinds.npos) {
      some.kinds.push_back(letter);
      return std::nullopt;
    }
    if (const size_t i = kLetters.find(letter); i != kLetters.npos) return add(some, char32_t(kMeanings[i]));
    if (letter == 'x' || letter == 'u') return add(some, hexadecimal(place, letter == 'x' ? 2 : 4));
    check(!is_letter(letter) && !is_digit(letter), "pattern: byte {}: \\{} is not read", place, letter);
    return add(some, c);
  }

  static char32_t add(Characters& some, char32_t c) {
    some.ranges.emplace_back(c, c);
    return c;
  }

  char32_t hexadecimal(size_t place, int digits) {
    char32_t value = 0;
    for (int i = 0; i < digits; ++i, ++at_) {
      const char c = to_lower(next());
      check(is_digit(c) || (c >= 'a' && c <= 'f'), "pattern: byte {}: should have {} hexadecimal digits", place,
            digits);
      value = value * 16 + char32_t(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
  }

  // Reads what stands in brackets, the first of which, at `place`, was taken.
  Characters set(size_t place) {
    Characters some;
    some.negated = try_take("^");
    bool first = true;
    while (first || !try_take("]")) {
      check(!ended(), "pattern: byte {}: the set does not end", place);
      first = false;
      const std::optional<char32_t> begin = try_take("\\b") ? std::optional(add(some, U'\b')) : add_character(some);
      if (next() != '-' || next(1) == ']' || next(1) == '\0') continue;
      ++at_;
      const std::optional<char32_t> end = add_character(some);
      check(begin && end && *begin <= *end, "pattern: byte {}: is no range of characters", at_);
      some.ranges.emplace_back(*begin, *end);
    }
    put_in_order(some);
    return some;
  }

  NodePointer one_of(Characters some) {
    characters_.push_back(std::move(some));
    NodePointer node = state(Kind::one_of);
    node->state.characters = uint32_t(characters_.size() - 1);
    return node;
  }

  static NodePointer state(Kind kind) {
    return std::make_unique<Node>(Node{.type = Node::Type::state, .state = {kind}});
  }

  std::string_view text_;
  std::vector<Characters>& characters_;
  size_t at_ = 0;
};

// Adds the states of a part, from its end to its begin, so that each knows what follows. Returns its first state.
class Builder {
 public:
  explicit Builder(std::vector<State>& states) : states_(states) {}

  uint32_t add(const State& state) {
    check(states_.size() < kMostStates, "pattern: is too large, it should have at most {} states", kMostStates);
    states_.push_back(state);
    return uint32_t(states_.size() - 1);
  }

  uint32_t add(const Node& node, uint32_t next) {
    check(++parts_ < kMostStates, "pattern: is too large, it should have at most {} parts", kMostStates);
    switch (node.type) {
      case Node::Type::state: {
        State state = node.state;
        state.next = next;
        return add(state);
      }
      case Node::Type::all:
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) next = add(**part, next);
        return next;
      case Node::Type::any: {
        uint32_t first = add(*node.parts.back(), next);
        for (size_t i = node.parts.size() - 1; i-- > 0;)
          first = add({.kind = Kind::split, .next = add(*node.parts[i], next), .other = first});
        return first;
      }
      case Node::Type::repeat: return add_repeat(node, next);
    }
    base::fail("pattern: no such part");
  }

 private:
  uint32_t add_repeat(const Node& node, uint32_t next) {
    if (node.most == kUnlimited) {
      const uint32_t again = add({.kind = Kind::split, .next = 0, .other = next});
      const uint32_t first = add(*node.parts[0], again);
      states_[again].next = first;
      next = again;
    }
    // Each time that may be left out leads to what follows all of them.
    const uint32_t behind = next;
    for (int i = node.fewest; i < node.most; ++i)
      next = add({.kind = Kind::split, .next = add(*node.parts[0], next), .other = behind});
    for (int i = 0; i < node.fewest; ++i) next = add(*node.parts[0], next);
    return next;
  }

  std::vector<State>& states_;
  size_t parts_ = 0;  // that were added, also those without a state
};

}  // namespace

// A place between two characters, kNoCharacter where there is none.
struct Pattern::Place {
  char32_t before, after;

  bool is_edge() const {
    const auto is_of_word = [](char32_t c) { return c != kNoCharacter && is_word_character(c); };
    return is_of_word(before) != is_of_word(after);
  }
};

// The states that a match may be in.
class Pattern::Ways {
 public:
  explicit Ways(const Pattern& pattern) : pattern_(pattern), met_(pattern.states_.size()) {}

  // Adds a state and all that it leads to without taking a character. Returns true if one is the end of the pattern.
  bool add(uint32_t state, const Place& place) {
    waiting_.push_back(state);
    while (!waiting_.empty()) {
      const uint32_t number = waiting_.back();
      waiting_.pop_back();
      if (met_[number]) continue;
      met_[number] = true;
      all_.push_back(number);
      const State& one = pattern_.states_[number];
      if (one.kind == Kind::match) return true;
      if (one.kind == Kind::split) waiting_.push_back(one.other);
      if (one.kind == Kind::split || leads_on(one.kind, place)) waiting_.push_back(one.next);
    }
    return false;
  }

  const std::vector<uint32_t>& all() const { return all_; }
  void clear() {
    for (const uint32_t state : all_) met_[state] = false;
    all_.clear();
    waiting_.clear();
  }

 private:
  static bool leads_on(Kind kind, const Place& place) {
    switch (kind) {
      case Kind::begin: return place.before == kNoCharacter;
      case Kind::end: return place.after == kNoCharacter;
      case Kind::edge: return place.is_edge();
      case Kind::no_edge: return !place.is_edge();
      default: return false;
    }
  }

  const Pattern& pattern_;
  std::vector<bool> met_;
  std::vector<uint32_t> all_, waiting_;
};

Pattern::Pattern(std::string_view pattern) {
  check(pattern.size() <= kMostBytes, "pattern: has {} bytes, it should have at most {}", pattern.size(), kMostBytes);
  const NodePointer node = Parser(pattern, characters_).whole();
  Builder builder(states_);
  first_ = builder.add(*node, builder.add({.kind = Kind::match}));
}

bool Pattern::is_found_in(std::string_view text) const {
  Ways ways(*this);
  Place place{kNoCharacter, kNoCharacter};
  while (true) {
    place.after = text.empty() ? kNoCharacter : std::min(first_character(text), kLast);
    const std::vector<uint32_t> before = ways.all();
    ways.clear();
    for (const uint32_t state : before)
      if (states_[state].kind == Kind::one_of && place.before != kNoCharacter &&
          holds_in_either_case(characters_[states_[state].characters], place.before) &&
          ways.add(states_[state].next, place))
        return true;
    if (ways.add(first_, place)) return true;
    if (text.empty()) return false;
    text.remove_prefix(utf8_size(first_character(text)));
    place.before = place.after;
  }
}

}  // namespace kilm::text
