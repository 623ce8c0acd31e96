#include "tensor/io/pickle.h"

#include <bit>
#include <cstring>

#include "tensor/format.h"

namespace tensor {

namespace {
constexpr size_t kMaxMemo = 1 << 20;
const std::string kOrderedDict = "collections.OrderedDict";
}  // namespace

class PickleMachine {
 public:
  PickleMachine(Pickle& pickle, std::string_view bytes, size_t begin, const std::set<std::string>& allowed,
                const std::string& place, size_t origin)
      : pickle_(pickle), bytes_(bytes), at_(begin), allowed_(allowed), place_(place), origin_(origin) {}

  void run() {
    while (step()) {
    }
    pickle_.value_ = pop();
    pickle_.end_ = at_;
  }

 private:
  template <class... Args>
  [[noreturn]] void damaged(fmt::format_string<Args...> text, Args&&... args) const {
    throw base::DamagedInput(base::format("{}: offset {}: {}", place_, origin_ + opcode_at_,
                                          base::format_message(text, fmt::make_format_args(args...))));
  }

  // ---- bytes
  std::string_view take(size_t count) {
    if (count > bytes_.size() - at_) damaged("the pickle ends inside of an opcode");
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  uint64_t number(size_t width) {
    uint64_t value = 0;
    const std::string_view raw = take(width);
    std::memcpy(&value, raw.data(), width);
    return value;
  }
  std::string_view line() {
    const size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) damaged("a name without its end");
    const std::string_view text = take(end - at_);
    ++at_;
    return text;
  }
  int64_t long_integer(size_t width) {
    if (width > 8) damaged("an integer of {} bytes", width);
    uint64_t value = number(width);
    if (width > 0 && width < 8 && (value >> (8 * width - 1)) & 1) value |= ~uint64_t(0) << (8 * width);
    return int64_t(value);
  }
  double big_endian_double() { return std::bit_cast<double>(__builtin_bswap64(number(8))); }

  // ---- stack and memo
  void push(PickleValue value) { stack_.push_back(value); }
  PickleValue pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) damaged("takes a value from an empty stack");
    const PickleValue value = stack_.back();
    stack_.pop_back();
    return value;
  }
  PickleValue& top() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) damaged("looks at a value of an empty stack");
    return stack_.back();
  }
  std::vector<PickleValue> pop_to_mark() {
    if (marks_.empty()) damaged("closes a group that was not opened");
    std::vector<PickleValue> items(stack_.begin() + ptrdiff_t(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  std::vector<PickleValue> pop_last(size_t count) {
    std::vector<PickleValue> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }
  void put(size_t index) {
    if (index >= kMaxMemo) damaged("memo place {} is above {}", index, kMaxMemo);
    if (index >= memo_.size()) memo_.resize(index + 1);
    memo_[index] = {top(), true};
  }
  void get(size_t index) {
    if (index >= memo_.size() || !memo_[index].second) damaged("memo place {} is empty", index);
    push(memo_[index].first);
  }

  // ---- nodes
  PickleNode& make(PickleNode::Kind kind, std::vector<PickleValue> items = {}, std::string name = "") {
    pickle_.nodes_.push_back({kind, std::move(name), std::move(items)});
    push(&pickle_.nodes_.back());
    return pickle_.nodes_.back();
  }
  PickleNode& container(PickleNode::Kind kind) {
    const PickleNode* node = node_of(top(), kind);
    if (node == nullptr) damaged("adds to what is no {}", kind == PickleNode::dict ? "dict" : "list");
    return const_cast<PickleNode&>(*node);
  }
  void add(PickleNode::Kind kind, const std::vector<PickleValue>& items) {
    if (kind == PickleNode::dict && items.size() % 2 != 0) damaged("a key without a value");
    PickleNode& node = container(kind);
    node.items.insert(node.items.end(), items.begin(), items.end());
  }
  void global(std::string_view module, std::string_view name) {
    std::string full = std::string(module) + "." + std::string(name);
    if (!allowed_.contains(full)) damaged("names {}, which saved tensors do not need", full);
    make(PickleNode::global, {}, std::move(full));
  }
  void stack_global() {
    const std::vector<PickleValue> names = pop_last(2);
    const auto *module = std::get_if<std::string_view>(&names[0]), *name = std::get_if<std::string_view>(&names[1]);
    if (module == nullptr || name == nullptr) damaged("names a global by something that is no string");
    global(*module, *name);
  }
  // Calls a function. An ordered dict is a dict, made from nothing or from a list of pairs; any other call stays a
  // call.
  void call() {
    const std::vector<PickleValue> operands = pop_last(2);
    const PickleNode* function = node_of(operands[0], PickleNode::global);
    const PickleNode* arguments = node_of(operands[1], PickleNode::tuple);
    if (function == nullptr || arguments == nullptr) damaged("calls what is no function");
    if (function->name != kOrderedDict) {
      make(PickleNode::call, {operands[1]}, function->name);
      return;
    }
    PickleNode& dict = make(PickleNode::dict);
    if (arguments->items.empty()) return;
    const PickleNode* pairs = node_of(arguments->items[0], PickleNode::list);
    if (pairs == nullptr || arguments->items.size() != 1) damaged("makes an OrderedDict of what is no list of pairs");
    copied_ += pairs->items.size();  // one list may be named many times: a short program could fill the memory
    if (copied_ > bytes_.size()) damaged("makes more pairs than its {} bytes can hold", bytes_.size());
    for (const PickleValue& value : pairs->items) {
      const PickleNode* pair = node_of(value, PickleNode::list);
      if (pair == nullptr) pair = node_of(value, PickleNode::tuple);
      if (pair == nullptr || pair->items.size() != 2) damaged("makes an OrderedDict of what is no list of pairs");
      dict.items.insert(dict.items.end(), pair->items.begin(), pair->items.end());
    }
  }

  // Runs one opcode; false at the end of the program.
  bool step() {
    opcode_at_ = at_;
    const auto opcode = static_cast<unsigned char>(take(1)[0]);
    switch (opcode) {
      case 0x80:  // PROTO
        if (const uint64_t version = number(1); version > 5) damaged("pickle protocol {} is not known", version);
        return true;
      case 0x95: number(8); return true;  // FRAME: a hint for buffering
      case 'N': push(std::monostate{}); return true;
      case 0x88: push(true); return true;
      case 0x89: push(false); return true;
      case 'K': push(int64_t(number(1))); return true;
      case 'M': push(int64_t(number(2))); return true;
      case 'J': push(int64_t(int32_t(number(4)))); return true;
      case 0x8a: push(long_integer(number(1))); return true;
      case 'G': push(big_endian_double()); return true;
      case 'U':   // SHORT_BINSTRING
      case 0x8c:  // SHORT_BINUNICODE
        push(take(number(1)));
        return true;
      case 'T':  // BINSTRING
      case 'X':  // BINUNICODE
        push(take(number(4)));
        return true;
      case '}': make(PickleNode::dict); return true;
      case ']': make(PickleNode::list); return true;
      case ')': make(PickleNode::tuple); return true;
      case '(': marks_.push_back(stack_.size()); return true;
      case 't': make(PickleNode::tuple, pop_to_mark()); return true;
      case 0x85: make(PickleNode::tuple, pop_last(1)); return true;
      case 0x86: make(PickleNode::tuple, pop_last(2)); return true;
      case 0x87: make(PickleNode::tuple, pop_last(3)); return true;
      case 's': add(PickleNode::dict, pop_last(2)); return true;
      case 'u': add(PickleNode::dict, pop_to_mark()); return true;
      case 'a': add(PickleNode::list, pop_last(1)); return true;
      case 'e': add(PickleNode::list, pop_to_mark()); return true;
      case 'q': put(number(1)); return true;
      case 'r': put(number(4)); return true;
      case 0x94: put(memo_.size()); return true;
      case 'h': get(number(1)); return true;
      case 'j': get(number(4)); return true;
      case 'c': {
        const std::string_view module = line();
        global(module, line());
        return true;
      }
      case 0x93: stack_global(); return true;
      case 'R': call(); return true;
      case 'b': pop(), top(); return true;  // BUILD: attributes of an object, of which a dict of tensors has no use
      case 'Q': make(PickleNode::persistent, pop_last(1)); return true;
      case '.': return false;
      default: damaged("opcode {:#04x} is not one that saved tensors need", int(opcode));
    }
  }

  Pickle& pickle_;
  std::string_view bytes_;
  size_t at_, opcode_at_ = 0;
  const std::set<std::string>& allowed_;
  const std::string& place_;
  size_t origin_, copied_ = 0;
  std::vector<PickleValue> stack_;
  std::vector<size_t> marks_;
  std::vector<std::pair<PickleValue, bool>> memo_;  // the value, and whether it was put
};

Pickle::Pickle(std::string_view bytes, size_t begin, const std::set<std::string>& allowed, std::string place,
               size_t origin) {
  PickleMachine(*this, bytes, begin, allowed, place, origin).run();
}

const PickleNode* node_of(const PickleValue& value, PickleNode::Kind kind) {
  const auto* node = std::get_if<const PickleNode*>(&value);
  return node != nullptr && (*node)->kind == kind ? *node : nullptr;
}

}  // namespace tensor
