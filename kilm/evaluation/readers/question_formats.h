// What one item of each format says, a file each. All throw Error for an item that is wrong; an id that is null is
// given by the reader.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kilm/evaluation/readers/questions.h"

namespace kilm::evaluation {

using Columns = std::vector<std::string>;

Question nq_open_question(const base::Json& line);
std::optional<Question> nq_question(const base::Json& line);  // nothing: no annotator gave a short answer
Question triviaqa_question(const base::Json& item);
Question webquestions_question(const base::Json& item);
Question dpr_question(const Columns& row);
Question curated_question(const Columns& row);
Question table_question(const Columns& row);

// Checks the number of columns.
void check_columns(const Columns& row, size_t wanted, std::string_view what);
// Returns the entry as texts. Throws Error if it is no list of them.
std::vector<std::string> texts_at(const base::Json& json, std::string_view key);
// Returns the entry "id" or of another name as it is. Throws Error if it is neither text nor integer.
base::Json id_at(const base::Json& json, std::string_view key);

}  // namespace kilm::evaluation
