#include "kilm/tokenizer/tokenizer.h"

#include <algorithm>
#include <queue>
#include <span>

#include "kilm/tokenizer/bytes.h"
#include "kilm/tokenizer/pre_tokenize.h"
#include "tensor/base/digest.h"
#include "tensor/base/format.h"

namespace kilm::tokenizer {

using base::check;
using base::DamagedInput;
using base::format;

namespace {

const char* const kSpecial[] = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"};
const char* const kKilm[] = {"<ent>", "</ent>", "<ent_desc>", "</ent_desc>", "<sep>"};

uint64_t pair_key(int32_t left, int32_t right) { return uint64_t(uint32_t(left)) << 32 | uint32_t(right); }

}  // namespace

// ---- building

Tokenizer::Tokenizer(std::vector<std::string> pieces, const std::vector<Merge>& merges) {
  const std::string reason = set_pieces(std::move(pieces));
  check<DamagedInput>(reason.empty(), "tokenizer: {}", reason);
  for (const auto& [left, right] : merges) {
    const std::string objection = add_merge(left, right);
    check<DamagedInput>(objection.empty(), "tokenizer: merge of {} and {}: {}", left, right, objection);
  }
}

int32_t Tokenizer::id_of(const std::string& piece) const {
  const auto found = ids_.find(piece);
  return found == ids_.end() ? -1 : found->second;
}

bool Tokenizer::is_added(const std::string& piece) const {
  const int32_t id = id_of(piece);
  return id >= 0 && is_added_[size_t(id)];
}

std::string Tokenizer::set_pieces(std::vector<std::string> pieces) {
  pieces_ = std::move(pieces);
  base_size_ = size();
  is_added_.assign(pieces_.size(), false);
  ids_.reserve(pieces_.size());
  for (int64_t id = 0; id < size(); ++id) {
    const std::string& piece = pieces_[size_t(id)];
    if (piece.empty()) return format("token {} is empty", id);
    const auto [other, added] = ids_.emplace(piece, int32_t(id));
    if (!added) return format("{} has the ids {} and {}", piece, other->second, id);
  }
  for (int32_t i = 0; i < 5; ++i) {
    const int32_t id = id_of(kSpecial[i]);
    if (id < 0) return format("the token {} is not there", kSpecial[i]);
    if (i < 3 && id != i) return format("{} has id {}; it should be {}", kSpecial[i], id, i);
    add_token({.text = kSpecial[i], .id = id, .lstrip = i == 4});
  }
  mask_ = id_of("<mask>");
  for (int b = 0; b < 256; ++b) {
    byte_ids_[b] = id_of(printable(uint8_t(b)));
    if (byte_ids_[b] < 0) return format("byte {} has no token", b);
  }
  return "";
}

std::string Tokenizer::add_merge(const std::string& left, const std::string& right) {
  const int32_t ids[] = {id_of(left), id_of(right), id_of(left + right)};
  for (int i = 0; i < 3; ++i) {
    const std::string& piece = i == 0 ? left : i == 1 ? right : left + right;
    if (ids[i] < 0) return format("{} is no token of the vocabulary", piece);
    if (is_added_[size_t(ids[i])]) return format("{} stands for itself and is no part of a merge", piece);
  }
  const Rule rule{int32_t(merges_.size()), ids[2]};
  if (!rules_.emplace(pair_key(ids[0], ids[1]), rule).second) return format("{} {} is merged already", left, right);
  merges_.push_back({left, right});
  return "";
}

// Adds a token: one of the vocabulary becomes one that stands for itself; another gets the next id.
std::string Tokenizer::add_token(AddedToken token) {
  if (token.text.empty()) return format("added token {} is empty", token.id);
  if (const int32_t known = id_of(token.text); known >= 0) {
    if (token.id != known) return format("{} has id {} here and {} in the vocabulary", token.text, token.id, known);
    std::erase_if(added_, [&](const AddedToken& other) { return other.id == known; });
  } else {
    if (token.id != size()) return format("{} has id {}; the next free id is {}", token.text, token.id, size());
    ids_[token.text] = token.id;
    pieces_.push_back(token.text);
    is_added_.push_back(true);
  }
  is_added_[size_t(token.id)] = true;
  const auto behind = std::upper_bound(added_.begin(), added_.end(), token.id,
                                       [](int32_t id, const AddedToken& other) { return id < other.id; });
  added_.insert(behind, std::move(token));
  return "";
}

std::string Tokenizer::fingerprint() const {
  std::string text;
  for (int64_t id = 0; id < size(); ++id) text += pieces_[size_t(id)] + (is_added_[size_t(id)] ? " special\n" : "\n");
  for (const auto& [left, right] : merges_) text += left + " " + right + "\n";
  base::Sha256 digest;
  digest.update(std::as_bytes(std::span(text)));
  return digest.hex();
}

bool Tokenizer::is_special(int32_t id) const {
  const auto token = std::ranges::lower_bound(added_, id, {}, &AddedToken::id);
  return token != added_.end() && token->id == id && token->special;
}

// ---- the tokens of KILM

void Tokenizer::add_kilm_tokens() {
  for (const char* token : kKilm)
    if (!is_added(token)) add_token({.text = token, .id = id_of(token) < 0 ? int32_t(size()) : id_of(token)});
  kilm_ = {.ent = ids_.at(kKilm[0]),
           .ent_end = ids_.at(kKilm[1]),
           .ent_desc = ids_.at(kKilm[2]),
           .ent_desc_end = ids_.at(kKilm[3]),
           .sep = ids_.at(kKilm[4])};
}

const KilmTokens& Tokenizer::kilm_tokens() const {
  if (kilm_.sep >= 0) return kilm_;
  std::string missing;
  for (const char* token : kKilm)
    if (!is_added(token)) missing += std::string(" ") + token;
  base::fail(base::format("tokenizer: lacks the KILM tokens{}; kilm train adds them", missing));
}

std::vector<std::pair<std::string, int32_t>> Tokenizer::some_kilm_tokens() const {
  std::vector<std::pair<std::string, int32_t>> tokens;
  for (const char* token : kKilm)
    if (is_added(token)) tokens.emplace_back(token, id_of(token));
  return tokens;
}

bool Tokenizer::add_prefix_space() const {
  const base::Json* value = settings_.find("add_prefix_space");
  return value && *value == base::Json(true);
}

// ---- encoding

// Merges the pairs of a word. Neighbours are a linked list; a heap gives the pair of the lowest rank, the leftmost
// first. Entries whose pair has changed since are skipped, so a word of n bytes takes n log n steps.
void Tokenizer::append_word(std::vector<Token>& tokens, std::string_view word, int64_t begin) const {
  struct Symbol {  // the index of a symbol is that of its first byte
    int32_t id, previous, next;
  };
  struct Candidate {
    int32_t rank, left, left_id, right_id, merged;
    bool operator>(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
  };
  const int32_t n = int32_t(word.size());
  std::vector<Symbol> symbols;
  symbols.reserve(word.size());
  for (int32_t i = 0; i < n; ++i)
    symbols.push_back({byte_ids_[static_cast<unsigned char>(word[size_t(i)])], i - 1, i + 1 < n ? i + 1 : -1});
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> heap;
  const auto offer = [&](int32_t left) {
    if (left < 0 || symbols[size_t(left)].next < 0) return;
    const int32_t a = symbols[size_t(left)].id, b = symbols[size_t(symbols[size_t(left)].next)].id;
    const auto found = rules_.find(pair_key(a, b));
    if (found != rules_.end()) heap.push({found->second.rank, left, a, b, found->second.id});
  };
  for (int32_t i = 0; i < n; ++i) offer(i);
  while (!heap.empty()) {
    const Candidate best = heap.top();
    heap.pop();
    Symbol& left = symbols[size_t(best.left)];
    if (left.id != best.left_id || left.next < 0 || symbols[size_t(left.next)].id != best.right_id) continue;
    Symbol& right = symbols[size_t(left.next)];
    left.id = best.merged;
    right.id = -1;
    left.next = right.next;
    if (left.next >= 0) symbols[size_t(left.next)].previous = best.left;
    offer(left.previous);
    offer(best.left);
  }
  for (int32_t i = n > 0 ? 0 : -1; i >= 0;) {
    const auto [id, previous, next] = symbols[size_t(i)];
    tokens.push_back({id, begin + i, begin + (next >= 0 ? next : n)});
    i = next;
  }
}

void Tokenizer::append_segment(std::vector<Token>& tokens, std::string_view segment, int64_t begin,
                               bool prefix_space) const {
  int64_t at = begin;
  const auto append = [&](std::string_view word) {
    append_word(tokens, word, at);
    at += int64_t(word.size());
  };
  if (!prefix_space || segment.empty() || segment[0] == ' ') return for_words(segment, append);
  const size_t first = tokens.size();
  at = begin - 1;
  for_words(" " + std::string(segment), append);
  tokens[first].begin = begin;
  tokens[first].end = std::max(begin, tokens[first].end);
}

// Returns the added token that the text has at `at`, the longest if there are several, or null.
const AddedToken* Tokenizer::added_at(std::string_view text, size_t at) const {
  const AddedToken* longest = nullptr;
  for (const AddedToken& token : added_)
    if (text.substr(at).starts_with(token.text) && (!longest || token.text.size() > longest->text.size()))
      longest = &token;
  return longest;
}

std::vector<Token> Tokenizer::tokenize(std::string_view text, EncodeOptions options) const {
  std::vector<Token> tokens;
  size_t begin = 0;  // of the segment
  for (size_t at = 0; options.parse_special && at < text.size();) {
    const AddedToken* added = added_at(text, at);
    if (!added) {
      ++at;
      continue;
    }
    size_t end = at + added->text.size();
    if (added->lstrip) at -= trailing_space(text.substr(begin, at - begin));
    if (added->rstrip) end += leading_space(text.substr(end));
    append_segment(tokens, text.substr(begin, at - begin), int64_t(begin), options.prefix_space);
    tokens.push_back({added->id, int64_t(at), int64_t(end)});
    begin = at = end;
  }
  append_segment(tokens, text.substr(begin), int64_t(begin), options.prefix_space);
  return tokens;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  const std::vector<Token> tokens = tokenize(text, options);
  std::vector<int32_t> ids;
  ids.reserve(tokens.size());
  for (const Token& token : tokens) ids.push_back(token.id);
  return ids;
}

std::string Tokenizer::decode(const std::vector<int32_t>& ids) const {
  std::string text;
  for (const int32_t id : ids) {
    check(id >= 0 && id < size(), "tokenizer: id {} is outside of [0, {})", id, size());
    const std::string& piece = pieces_[size_t(id)];
    text += is_added_[size_t(id)] ? piece : spelt_bytes(piece).value_or(piece);
  }
  return text;
}

}  // namespace kilm::tokenizer
