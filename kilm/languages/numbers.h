// Numbers and dates as the languages of Wikipedia write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kilm::languages {

// Returns a number in plain digits, 1234567.5, with the separators of `language`: 1,234,567.5 in English, 1.234.567,5
// in German. What is more than digits and one point stays as it is, and all of it where the language is not known.
std::string grouped_number(std::string number, std::string_view language);

// Returns the number without them again, 1234567.5.
std::string plain_number(std::string number, std::string_view language);

// Returns a month by its number or its name, as it stands in a date. Null if there is no such month, or the language is
// not known.
std::optional<std::string> month_name(std::string_view month, std::string_view language);

// Returns a date in the order and with the words of `language`: 1er mai 1950, 1950年5月1日. Parts that are not known
// are empty. The month is a number or a name. Null if the language is not known, or only its day.
std::optional<std::string> written_date(std::string_view year, std::string_view month, std::string_view day,
                                        std::string_view language);

}  // namespace kilm::languages
