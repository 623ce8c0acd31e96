#include "kilm/evaluation/readers/appositives.h"

#include "kilm/evaluation/readers/appos_corpus.h"
#include "kilm/evaluation/readers/pomo.h"
#include "tensor/base/format.h"

namespace kilm::evaluation {

std::optional<size_t> Appositive::name_begin() const {
  const size_t at = name.empty() ? left.npos : left.rfind(name);
  return at == left.npos ? std::nullopt : std::optional(at);
}

std::optional<Appositive> AppositiveReader::next() {
  std::optional<Appositive> item = read();
  base::check<base::DamagedInput>(item || any_, "{}: there is no line", source());
  any_ = true;
  return item;
}

std::unique_ptr<AppositiveReader> open_appositives(const std::string& path) {
  if (path.ends_with(".pm")) return std::make_unique<PomoReader>(path, path.substr(0, path.rfind(".pm")) + ".wiki");
  return std::make_unique<ApposCorpusReader>(path);
}

}  // namespace kilm::evaluation
