// Byte-level BPE with BART's ids (Sennrich et al. 2016; Radford et al. 2019): words are bytes, and the pair of
// neighbours that was learnt first is merged first. Every sequence of bytes has tokens, and decoding gives it back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kilm {

// The tokens that the KILM objective adds to a vocabulary.
struct KilmTokens {
  int32_t ent = -1, ent_end = -1;            // <ent> </ent>
  int32_t ent_desc = -1, ent_desc_end = -1;  // <ent_desc> </ent_desc>
  int32_t sep = -1;                          // <sep>
};

struct EncodeOptions {
  bool prefix_space = false;   // a segment that does not begin with a space gets one
  bool parse_special = false;  // special tokens in the text become their ids; <mask> takes the white space before it
};

struct Token {
  int32_t id;
  int64_t begin, end;  // its bytes of the text; a space that was put before a segment is none of them
};

class Tokenizer {
 public:
  // Reads vocab.json, merges.txt and, if there, added_tokens.json. Throws Error if a file is not there, DamagedInput
  // naming file and place if one is broken.
  static Tokenizer load(const std::string& folder);
  // Writes these files, tokenizer_config.json and special_tokens_map.json into an existing folder.
  void save(const std::string& folder) const;

  // The tokens of the text, without <s> and </s>. Each begins where the one before ends; together they are the text.
  std::vector<Token> tokenize(std::string_view text, EncodeOptions options = {}) const;
  // Their ids.
  std::vector<int32_t> encode(std::string_view text, EncodeOptions options = {}) const;
  std::string decode(const std::vector<int32_t>& ids) const;  // bytes; Error for an id that is no token

  // Adds those of the five tokens that are not there, in the order of the published checkpoints.
  void add_kilm_tokens();
  const KilmTokens& kilm_tokens() const;  // Error if they were not added

  int64_t size() const { return int64_t(tokens_.size()); }
  int32_t bos() const { return 0; }
  int32_t pad() const { return 1; }
  int32_t eos() const { return 2; }
  int32_t mask() const { return mask_; }

  std::string fingerprint() const;  // SHA-256 over every token, merge and special token

 private:
  struct Merge {
    int32_t rank, id;
  };

  void read_vocabulary(const std::string& path);
  void read_merges(const std::string& path);
  void read_added(const std::string& path);
  void add_special(const std::string& token);
  void append_segment(std::vector<Token>& tokens, std::string_view segment, int64_t begin, bool prefix_space) const;
  void append_word(std::vector<Token>& tokens, std::string_view word, int64_t begin) const;
  std::vector<std::pair<std::string, int32_t>> added() const;

  std::vector<std::string> tokens_;  // in printable form, by id
  std::vector<bool> special_;        // whether a token stands for itself and not for bytes
  std::unordered_map<std::string, int32_t> ids_;
  std::unordered_map<uint64_t, Merge> merges_;  // by left id << 32 | right id
  std::vector<std::pair<std::string, std::string>> merge_list_;
  int32_t byte_ids_[256] = {};
  int64_t base_size_ = 0;  // tokens of vocab.json
  int32_t mask_ = -1;
  KilmTokens kilm_;
};

}  // namespace kilm
