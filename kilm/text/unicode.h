// What readers of text ask of a character beyond ASCII: its place in UTF-8, whether its script has spaces and cases,
// and its other case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kilm::text {

inline constexpr char32_t kNoCharacter = 0x110000;
// Returns the first character of `text`, and the next one the last: 0 if it is empty, kNoCharacter if it is no UTF-8.
char32_t first_character(std::string_view text);
char32_t last_character(std::string_view text);
size_t utf8_size(char32_t c);  // its bytes in UTF-8; 1 for what is no character

void append_utf8(std::string& out, char32_t character);

// Returns the bytes of the UTF-8 character that begins with `lead`; 1 for a byte that begins none.
size_t utf8_length(unsigned char lead);

bool is_letter(char32_t c);           // of any script, with marks above and below
bool is_digit_character(char32_t c);  // of any script
bool is_small(char32_t c);            // of a script with cases
bool is_capital(char32_t c);
bool is_caseless(char32_t c);   // a letter of a script without cases
bool is_spaceless(char32_t c);  // a sign of a script that parts no words: Han, kana, Thai, Lao, Khmer, Burmese, Tibetan
bool is_east_asian(char32_t c);            // Han or kana
bool is_raised(char32_t c);                // a raised digit or sign
bool is_number(char32_t c);                // a digit, a letter that is a number, any other sign of one
bool is_punctuation(char32_t c);           // of any kind; symbols such as + and $ are none
bool is_separator_or_control(char32_t c);  // also formats, what is not assigned, and kNoCharacter

// Tells what Python's str.isspace and \w of its re say of a character: a letter without marks, a number or _ is of a
// word.
bool is_white_space(char32_t c);
bool is_word_character(char32_t c);

bool is_utf8(std::string_view text);
std::string as_utf8(std::string_view text);  // each byte that is not UTF-8 becomes U+FFFD

// Decomposes by Unicode's canonical mapping, as its form NFD; bytes that are not UTF-8 stay.
std::string decomposed(std::string_view text);

// Returns what stands between runs of white space, as Python's str.split; the views are into `text`.
std::vector<std::string_view> split_at_white_space(std::string_view text);

// Returns the text without white space at its ends, as Python's str.strip.
std::string_view stripped(std::string_view text);

// Maps by Unicode's simple mapping, as the next two do: one character for one; bytes that are not UTF-8 stay.
std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);
std::string title_case(std::string_view text);  // a capital, or the mixed form of letters such as ǆ

// Maps as Python's str.lower, by Unicode's full mapping: İ becomes i and a dot above, Σ at the end of a word ς.
std::string full_lower_case(std::string_view text);

}  // namespace kilm::text
