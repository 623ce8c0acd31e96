// What the readers of mentions share (mentions.h): each format is a file of its own.
#pragma once

#include <string>
#include <string_view>

#include "kilm/evaluation/readers/mentions.h"
#include "tensor/base/json.h"

namespace kilm::evaluation {

inline constexpr size_t kMaxMentionText = size_t(64) << 20;  // bytes of a document

std::unique_ptr<MentionReader> read_jsonl_mentions(const std::string& path);
std::unique_ptr<MentionReader> read_paragraph_mentions(const std::string& path);
std::unique_ptr<MentionReader> read_kilt_mentions(const std::string& path);
std::unique_ptr<MentionReader> read_wned_mentions(const std::string& path, const std::string& texts);
std::unique_ptr<MentionReader> read_conll_mentions(const std::string& path);

// A mention of a line: everything but what the place of the line decides.
using ReadMention = MentionItem (*)(const base::Json& line);
// Reads JSON lines with a mention each. A line without an id gets its number, one without a document is its own.
std::unique_ptr<MentionReader> read_mention_lines(const std::string& path, ReadMention read);

// Returns a title in its one form. Throws Error if nothing is left of it.
std::string title_of(std::string_view written);

// Reads "candidates": titles, or objects with a title and perhaps a description and a count. There are none without it.
std::vector<MentionCandidate> candidates_of(const base::Json& line);

// Puts a mention between its neighbours. Throws Error if the mention is empty.
void set_text(MentionItem& item, const std::string& left, const std::string& mention, const std::string& right);

// Throws Error unless the mention has a character, lies in its text and begins and ends between characters.
void check_mention(const MentionItem& item);

}  // namespace kilm::evaluation
