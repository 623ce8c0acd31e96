// Measures over JSON lines {"prediction": X, "references": [Y, ...]} or {"prediction": X, "reference": Y}.
#pragma once

#include <string>

#include "kilm/metrics/measures.h"

namespace kilm::metrics {

// Writes a label of JSON so that a number, a word and a truth are never the same, but 1 and 1.0 are. Throws Error if it
// is none of these.
std::string label_of(const base::Json& label);

// Adds the lines of a file, "-" for standard input, one at a time. Measures of texts take strings as X and Y; those of
// labels what label_of takes, those of numbers numbers. Labels and numbers have one reference. Throws DamagedInput that
// names the line, also if there is none at all.
void measure_lines(const std::string& path, Measurement& measurement);

}  // namespace kilm::metrics
