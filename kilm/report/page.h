// A run as one page that a browser shows without network: its curves, evaluations, what the model said, its settings
// and its data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kilm/report/history.h"

namespace kilm::report {

struct ReportInput {
  std::string name;  // of the run
  History history;
  base::Json settings;                 // resolved.json
  std::optional<base::Json> manifest;  // of the data, if they are still there
};

std::string report_page(const ReportInput& input);

// Tells whether these are the bytes of such a page.
bool is_report_page(std::string_view text);

// Returns at each value the mean over about `window` values, over fewer near the ends. There are as many before it as
// behind it, so that the course neither lags nor leads. What is not finite stays so and is passed over.
std::vector<double> smoothed(const std::vector<double>& values, double window);

}  // namespace kilm::report
