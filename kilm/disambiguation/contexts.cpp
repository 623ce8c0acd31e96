#include "kilm/disambiguation/contexts.h"

#include <algorithm>
#include <utility>

#include "kilm/evaluation/readers/mention_readers.h"
#include "tensor/base/format.h"
#include "tensor/base/json_lines.h"

namespace kilm::disambiguation {

namespace {

using base::Json;
using Paragraphs = std::unordered_map<std::string, std::vector<int64_t>>;

// Fills in which paragraphs link to a title, and returns the index of all of them.
retrieval::Index read(const std::string& path, Paragraphs& paragraphs) {
  retrieval::IndexBuilder builder;
  base::JsonLines lines(path);
  const auto add = [&](const Json& line) {
    for (const Json& link : base::items_at(line, "links")) {
      std::vector<int64_t>& of_title = paragraphs[evaluation::title_of(base::string_at(link, "title"))];
      if (of_title.empty() || of_title.back() != builder.documents()) of_title.push_back(builder.documents());
    }
    builder.add(base::string_at(line, "text"));
    return true;
  };
  while (lines.next(add)) continue;
  base::check<base::DamagedInput>(builder.documents() > 0, "{}: holds no paragraph", path);
  return std::move(builder).finish();
}

}  // namespace

Contexts::Contexts(const std::string& path) : index_(read(path, paragraphs_)) {}

std::optional<size_t> Contexts::nearest(const evaluation::MentionItem& mention) const {
  if (mention.candidates.empty()) return std::nullopt;
  std::unordered_map<int64_t, double> scores;
  for (const retrieval::Found& found : index_.search(*mention.text, index_.documents()))
    scores.emplace(found.document, found.score);
  size_t best = 0;
  double highest = 0;
  for (size_t i = 0; i < mention.candidates.size(); ++i) {
    const auto paragraphs = paragraphs_.find(mention.candidates[i].title);
    if (paragraphs == paragraphs_.end()) continue;
    for (const int64_t paragraph : paragraphs->second) {
      const auto score = scores.find(paragraph);
      if (score == scores.end() || score->second <= highest) continue;
      highest = score->second;
      best = i;
    }
  }
  return best;
}

}  // namespace kilm::disambiguation
