#include "kilm/metrics/measure_lines.h"

#include <cmath>

#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::metrics {

namespace {

using base::check;
using base::Json;

std::vector<std::string> references_of(const Json& line) {
  if (!line.find("references")) return {base::string_at(line, "reference")};
  std::vector<std::string> references;
  for (const Json& reference : base::items_at(line, "references")) {
    check(reference.is_string(), "references: should be strings");
    references.push_back(reference.as_string());
  }
  check(!references.empty(), "references: there should be at least one");
  return references;
}

std::string label_at(const Json& line, const char* key) { return base::entry_at(line, key, label_of); }

bool add_line(const Json& line, Measurement& measurement) {
  if (measurement.wants(Operands::texts)) {
    const std::string& prediction = base::string_at(line, "prediction");
    measurement.add(prediction, references_of(line));
  }
  if (measurement.wants(Operands::labels)) {
    const std::string prediction = label_at(line, "prediction");
    measurement.add_labels(prediction, label_at(line, "reference"));
  }
  if (measurement.wants(Operands::numbers)) {
    const double prediction = base::number_at(line, "prediction");
    measurement.add_numbers(prediction, base::number_at(line, "reference"));
  }
  return true;
}

}  // namespace

std::string label_of(const Json& label) {
  check(label.is_string() || label.is_number() || label.is_bool(), "should be a string, a number, true or false");
  if (!label.is_number() || label.is_int()) return label.dump();
  const double number = label.as_number();
  return std::trunc(number) == number && std::fabs(number) < 0x1p53 ? Json(int64_t(number)).dump() : label.dump();
}

void measure_lines(const std::string& path, Measurement& measurement) {
  base::JsonLines lines(path);
  bool any = false;
  while (lines.next([&](const Json& line) { return add_line(line, measurement); })) any = true;
  check<base::DamagedInput>(any, "{}: there is no line", lines.source());
}

}  // namespace kilm::metrics
