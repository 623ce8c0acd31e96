#include "kilm/tokenizer/tokenizer.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <queue>
#include <span>

#include "kilm/tokenizer/pre_tokenize.h"
#include "tensor/format.h"
#include "tensor/io/digest.h"
#include "tensor/io/file.h"
#include "tensor/io/json.h"

namespace kilm {

using tensor::check;
using tensor::DamagedInput;
using tensor::Json;

namespace {

const char* const kSpecial[] = {"<s>", "<pad>", "</s>", "<unk>", "<mask>"};
const char* const kKilm[] = {"<ent>", "</ent>", "<ent_desc>", "</ent_desc>", "<sep>"};

std::string utf8(int codepoint) {  // below U+0800
  if (codepoint < 0x80) return std::string(1, char(codepoint));
  return {char(0xC0 | (codepoint >> 6)), char(0x80 | (codepoint & 0x3F))};
}

// Printable characters for bytes: those that print stand for themselves, the others for U+0100 and on.
struct ByteTable {
  std::array<std::string, 256> character;
  std::unordered_map<std::string, uint8_t> byte;

  ByteTable() {
    int next = 0x100;
    for (int b = 0; b < 256; ++b) {
      const bool prints = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      character[size_t(b)] = utf8(prints ? b : next++);
      byte[character[size_t(b)]] = uint8_t(b);
    }
  }
};

const ByteTable& byte_table() {
  static const ByteTable table;
  return table;
}

uint64_t pair_key(int32_t left, int32_t right) { return uint64_t(uint32_t(left)) << 32 | uint32_t(right); }

}  // namespace

// ---- files

void Tokenizer::read_vocabulary(const std::string& path) {
  const Json json = tensor::read_json_file(path);
  check<DamagedInput>(json.is_object(), "{}: should be an object of tokens and ids", path);
  tokens_.resize(json.members().size());
  std::vector<bool> taken(tokens_.size());
  for (const auto& [token, value] : json.members()) {
    check<DamagedInput>(value.is_int(), "{}: the id of {} should be an integer", path, token);
    const int64_t id = value.as_int();
    check<DamagedInput>(id >= 0 && id < size(), "{}: token {} has id {}; {} tokens need ids from 0 without a gap", path,
                        token, id, size());
    check<DamagedInput>(!taken[size_t(id)], "{}: id {} is given to {} and to {}", path, id, tokens_[size_t(id)], token);
    taken[size_t(id)] = true;
    tokens_[size_t(id)] = token;
    ids_[token] = int32_t(id);
  }
  base_size_ = size();
  special_.assign(tokens_.size(), false);
  for (int i = 0; i < 5; ++i) {
    const auto found = ids_.find(kSpecial[i]);
    check<DamagedInput>(found != ids_.end(), "{}: the token {} is not there", path, kSpecial[i]);
    check<DamagedInput>(i == 4 || i == 3 || found->second == i, "{}: {} has id {}; it should be {}", path, kSpecial[i],
                        found->second, i);
    special_[size_t(found->second)] = true;
  }
  mask_ = ids_.at("<mask>");
  for (int b = 0; b < 256; ++b) {
    const auto found = ids_.find(byte_table().character[size_t(b)]);
    check<DamagedInput>(found != ids_.end(), "{}: byte {} has no token", path, b);
    byte_ids_[b] = found->second;
  }
}

void Tokenizer::read_merges(const std::string& path) {
  const std::string text = tensor::read_file(path);
  int64_t line = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string row = text.substr(begin, end - begin);
    begin = end + 1;
    if (++line == 1 && row.starts_with("#version")) continue;
    if (row.empty()) continue;
    const size_t space = row.find(' ');
    check<DamagedInput>(space != std::string::npos && row.find(' ', space + 1) == std::string::npos,
                        "{}: line {}: should be two tokens with one space between them", path, line);
    const std::string left = row.substr(0, space), right = row.substr(space + 1);
    for (const std::string& part : {left, right, left + right})
      check<DamagedInput>(ids_.contains(part), "{}: line {}: {} is no token of the vocabulary", path, line, part);
    const Merge merge{int32_t(merge_list_.size()), ids_.at(left + right)};
    const bool added = merges_.emplace(pair_key(ids_.at(left), ids_.at(right)), merge).second;
    check<DamagedInput>(added, "{}: line {}: {} {} is merged already", path, line, left, right);
    merge_list_.emplace_back(left, right);
  }
}

void Tokenizer::read_added(const std::string& path) {
  const Json json = tensor::read_json_file(path);
  check<DamagedInput>(json.is_object(), "{}: should be an object of tokens and ids", path);
  std::vector<std::pair<int64_t, std::string>> more;
  for (const auto& [token, value] : json.members()) {
    check<DamagedInput>(value.is_int(), "{}: the id of {} should be an integer", path, token);
    if (!ids_.contains(token)) more.emplace_back(value.as_int(), token);
  }
  std::sort(more.begin(), more.end());
  for (const auto& [id, token] : more) {
    check<DamagedInput>(id == size(), "{}: {} has id {}; the next free id is {}", path, token, id, size());
    add_special(token);
  }
}

void Tokenizer::add_special(const std::string& token) {
  if (ids_.contains(token)) {
    special_[size_t(ids_.at(token))] = true;
    return;
  }
  ids_[token] = int32_t(size());
  tokens_.push_back(token);
  special_.push_back(true);
}

Tokenizer Tokenizer::load(const std::string& folder) {
  Tokenizer tokenizer;
  tokenizer.read_vocabulary(folder + "/vocab.json");
  tokenizer.read_merges(folder + "/merges.txt");
  const std::string added = folder + "/added_tokens.json";
  if (std::filesystem::exists(added)) tokenizer.read_added(added);
  if (tokenizer.ids_.contains(kKilm[0])) tokenizer.add_kilm_tokens();
  return tokenizer;
}

std::vector<std::pair<std::string, int32_t>> Tokenizer::added() const {
  std::vector<std::pair<std::string, int32_t>> result;
  for (int64_t id = base_size_; id < size(); ++id) result.emplace_back(tokens_[size_t(id)], int32_t(id));
  return result;
}

void Tokenizer::save(const std::string& folder) const {
  Json vocabulary = Json::object(), more = Json::object(), names = Json::object(), config = Json::object();
  Json::Object members;
  for (int64_t id = 0; id < base_size_; ++id) members.emplace_back(tokens_[size_t(id)], Json(id));
  vocabulary = Json::object(std::move(members));
  std::string merges = "#version: 0.2\n";
  for (const auto& [left, right] : merge_list_) merges += left + " " + right + "\n";
  Json extra = Json::array();
  for (const auto& [token, id] : added()) {
    more.set(token, int64_t(id));
    extra.push_back(token);
  }
  const std::pair<const char*, const char*> roles[] = {
      {"bos_token", "<s>"},   {"eos_token", "</s>"}, {"unk_token", "<unk>"},  {"sep_token", "</s>"},
      {"pad_token", "<pad>"}, {"cls_token", "<s>"},  {"mask_token", "<mask>"}};
  for (const auto& [role, token] : roles) {
    names.set(role, token);
    config.set(role, token);
  }
  config.set("tokenizer_class", "BartTokenizer");
  config.set("add_prefix_space", false);
  if (!added().empty()) {
    names.set("additional_special_tokens", extra);
    config.set("additional_special_tokens", extra);
    tensor::write_file_atomically(folder + "/added_tokens.json", more.dump(2) + "\n");
  }
  tensor::write_file_atomically(folder + "/vocab.json", vocabulary.dump() + "\n");
  tensor::write_file_atomically(folder + "/merges.txt", merges);
  tensor::write_file_atomically(folder + "/special_tokens_map.json", names.dump(2) + "\n");
  tensor::write_file_atomically(folder + "/tokenizer_config.json", config.dump(2) + "\n");
}

std::string Tokenizer::fingerprint() const {
  std::string text;
  for (int64_t id = 0; id < size(); ++id) text += tokens_[size_t(id)] + (special_[size_t(id)] ? " special\n" : "\n");
  for (const auto& [left, right] : merge_list_) text += left + " " + right + "\n";
  tensor::Sha256 digest;
  digest.update(std::as_bytes(std::span(text)));
  return digest.hex();
}

// ---- the tokens of KILM

void Tokenizer::add_kilm_tokens() {
  for (const char* token : kKilm) add_special(token);
  kilm_ = {.ent = ids_.at(kKilm[0]),
           .ent_end = ids_.at(kKilm[1]),
           .ent_desc = ids_.at(kKilm[2]),
           .ent_desc_end = ids_.at(kKilm[3]),
           .sep = ids_.at(kKilm[4])};
}

const KilmTokens& Tokenizer::kilm_tokens() const {
  check(kilm_.sep >= 0, "tokenizer: the five KILM tokens <ent> </ent> <ent_desc> </ent_desc> <sep> were not added");
  return kilm_;
}

// ---- encoding

// Neighbours are a linked list; a heap gives the pair of the lowest rank, the leftmost first. Entries whose pair has
// changed since are skipped, so a word of n bytes takes n log n steps.
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
    const auto found = merges_.find(pair_key(a, b));
    if (found != merges_.end()) heap.push({found->second.rank, left, a, b, found->second.id});
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

std::vector<Token> Tokenizer::tokenize(std::string_view text, EncodeOptions options) const {
  std::vector<Token> tokens;
  size_t begin = 0;
  for (size_t at = 0; options.parse_special && at < text.size(); ++at) {
    if (text[at] != '<') continue;
    const size_t close = text.find('>', at);
    if (close == std::string_view::npos) break;
    const auto found = ids_.find(std::string(text.substr(at, close + 1 - at)));
    if (found == ids_.end() || !special_[size_t(found->second)]) continue;
    std::string_view before = text.substr(begin, at - begin);
    if (found->second == mask_)
      while (!before.empty() && std::string_view(" \t\n\r\f\v").find(before.back()) != std::string_view::npos)
        before.remove_suffix(1);
    append_segment(tokens, before, int64_t(begin), options.prefix_space);
    tokens.push_back({found->second, int64_t(begin + before.size()), int64_t(close + 1)});
    begin = close + 1;
    at = close;
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
    const std::string& token = tokens_[size_t(id)];
    if (special_[size_t(id)]) {
      text += token;
      continue;
    }
    for (size_t at = 0; at < token.size();) {
      const size_t bytes = static_cast<unsigned char>(token[at]) < 0x80 ? 1 : 2;
      const auto found = byte_table().byte.find(token.substr(at, bytes));
      if (found != byte_table().byte.end())
        text += char(found->second);
      else
        text += token.substr(at, bytes);  // a vocabulary may hold words that no bytes make
      at += bytes;
    }
  }
  return text;
}

}  // namespace kilm
