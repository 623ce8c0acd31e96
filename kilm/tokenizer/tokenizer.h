// Byte-level BPE with BART's ids (Sennrich et al. 2016; Radford et al. 2019). Words are bytes, and the pair of
// neighbours that was learnt first is merged first. Every sequence of bytes has tokens, and decoding gives it back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tensor/base/json.h"

namespace kilm::tokenizer {

// The tokens that the KILM objective adds to a vocabulary.
struct KilmTokens {
  int32_t ent = -1, ent_end = -1;            // <ent> </ent>
  int32_t ent_desc = -1, ent_desc_end = -1;  // <ent_desc> </ent_desc>
  int32_t sep = -1;                          // <sep>
};

struct EncodeOptions {
  bool prefix_space = false;   // a segment that does not begin with a space gets one
  bool parse_special = false;  // added tokens in the text become their ids; <mask> takes the white space before it
};

struct Token {
  int32_t id;
  int64_t begin, end;  // its bytes of the text; a space that was put before a segment is none of them
};

// A piece is spelt in printable characters, one per byte (bytes.h).
struct Merge {
  std::string left, right;
  bool operator==(const Merge&) const = default;
};

// A token that stands for itself and not for bytes.
struct AddedToken {
  std::string text;
  int32_t id;
  bool lstrip = false, rstrip = false;  // found in a text, it takes the white space before or behind it
  bool special = true;                  // Transformers may leave it out when it decodes
};

class Tokenizer {
 public:
  // Takes the pieces by id, with <s> <pad> </s> first, <unk> and <mask> anywhere and the 256 bytes, and the merges in
  // their order. Throws DamagedInput.
  Tokenizer(std::vector<std::string> pieces, const std::vector<Merge>& merges);

  // Reads tokenizer.json, or vocab.json, merges.txt and added_tokens.json, as Transformers leaves them; where all are
  // there, they must agree. Throws Error if the folder is not there, DamagedInput naming file and place if a file is
  // missing or broken.
  static Tokenizer load(const std::string& folder);
  static bool is_in(const std::string& folder);  // whether there is a file of these that holds tokens
  // Names the files of a tokenizer: all of these, tokenizer_config.json and special_tokens_map.json.
  static const std::vector<std::string>& files();
  // Writes them into an existing folder; of a tokenizer that was there before nothing stays.
  void save(const std::string& folder) const;

  // Returns the tokens of the text, without <s> and </s>. Each begins where the one before ends; together they are the
  // text.
  std::vector<Token> tokenize(std::string_view text, EncodeOptions options = {}) const;
  // Returns their ids.
  std::vector<int32_t> encode(std::string_view text, EncodeOptions options = {}) const;
  std::string decode(const std::vector<int32_t>& ids) const;  // bytes; Error for an id that is no token

  // Adds those of the five tokens that are not there, in the order of the published checkpoints.
  void add_kilm_tokens();
  bool has_kilm_tokens() const { return kilm_.sep >= 0; }                 // all five
  const KilmTokens& kilm_tokens() const;                                  // Error if they were not added
  std::vector<std::pair<std::string, int32_t>> some_kilm_tokens() const;  // those that are there, and their ids

  // Returns what tokenizer_config.json says of prefix_space for those who do not say it themselves: add_prefix_space.
  bool add_prefix_space() const;

  bool is_special(int32_t id) const;  // whether Transformers leaves it out of a text with skip_special_tokens

  int64_t size() const { return int64_t(pieces_.size()); }
  int32_t bos() const { return 0; }
  int32_t pad() const { return 1; }
  int32_t eos() const { return 2; }
  int32_t mask() const { return mask_; }

  std::string fingerprint() const;  // SHA-256 over every piece, merge and added token

 private:
  friend class TokenizerFiles;
  struct Rule {
    int32_t rank, id;
  };

  Tokenizer() = default;
  // Says why it cannot, or ""; so do the next two.
  std::string set_pieces(std::vector<std::string> pieces);
  std::string add_merge(const std::string& left, const std::string& right);
  std::string add_token(AddedToken token);

  int32_t id_of(const std::string& piece) const;  // -1: there is no such piece
  bool is_added(const std::string& piece) const;
  const AddedToken* added_at(std::string_view text, size_t at) const;
  void append_segment(std::vector<Token>& tokens, std::string_view segment, int64_t begin, bool prefix_space) const;
  void append_word(std::vector<Token>& tokens, std::string_view word, int64_t begin) const;

  std::vector<std::string> pieces_;  // by id
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<Merge> merges_;
  std::unordered_map<uint64_t, Rule> rules_;  // by left id << 32 | right id
  std::vector<AddedToken> added_;             // by id
  std::vector<bool> is_added_;                // by id
  int32_t byte_ids_[256] = {};
  int64_t base_size_ = 0;  // pieces of vocab.json; added tokens follow
  int32_t mask_ = -1;
  KilmTokens kilm_;
  base::Json settings_ = base::Json::object();  // keys of tokenizer_config.json that are kept
};

}  // namespace kilm::tokenizer
