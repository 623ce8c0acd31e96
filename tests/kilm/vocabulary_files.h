// The files of a tokenizer that needs none of others: one token for each byte, and for a few words.
#pragma once

#include "tensor/base/json.h"
#include "tests/kilm/folder.h"

// Writes vocab.json: the special tokens, every byte, and what else there is.
inline std::string byte_vocabulary(std::initializer_list<const char*> more) {
  base::Json::Object members;
  int64_t id = 0;
  for (const char* token : {"<s>", "<pad>", "</s>", "<unk>"}) members.emplace_back(token, base::Json(id++));
  int next = 0x100;
  for (int b = 0; b < 256; ++b) {
    const bool prints = (b >= 0x21 && b <= 0x7E) || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    const int c = prints ? b : next++;
    const std::string character =
        c < 0x80 ? std::string(1, char(c)) : std::string{char(0xC0 | c >> 6), char(0x80 | (c & 63))};
    members.emplace_back(character, base::Json(id++));
  }
  for (const char* token : more) members.emplace_back(token, base::Json(id++));
  return base::Json::object(std::move(members)).dump();
}

inline void write_small_vocabulary(const Folder& folder) {
  folder.write("vocab.json", byte_vocabulary({"th", "the", "\u0120the", "\u0120t", "<mask>"}));
  folder.write("merges.txt", "#version: 0.2\nt h\nth e\n\u0120 the\n\u0120 t\n");
}
