#include "kilm/disambiguation/knowledge.h"

#include <unordered_set>

#include "kilm/evaluation/readers/mention_readers.h"
#include "tensor/base/json_lines.h"

namespace kilm::disambiguation {

namespace {

using base::Json;

std::string title_at(const Json& line) {
  return base::entry_at(line, "title", [](const Json& title) { return evaluation::title_of(title.as_string()); });
}

// Returns the title of an entity and those that lead to it; checks its description.
std::vector<std::string> titles_of(const Json& line) {
  std::vector<std::string> titles = {title_at(line)};
  base::string_at(line, "description");
  if (line.find("redirects") != nullptr)
    for (const Json& redirect : base::items_at(line, "redirects"))
      titles.push_back(evaluation::title_of(redirect.as_string()));
  return titles;
}

// Returns the surface of a line; checks its candidates.
std::vector<std::string> surface_of(const Json& line) {
  line.at("candidates");
  evaluation::candidates_of(line);
  return {base::string_at(line, "mention")};
}

}  // namespace

Knowledge::Knowledge(const std::optional<std::string>& entities, const std::optional<std::string>& candidates) {
  if (entities) entities_.emplace(*entities, titles_of);
  if (candidates) candidates_.emplace(*candidates, surface_of);
}

Knowledge::Entity Knowledge::entity_of(const std::string& title) const {
  const std::optional<Json> line = entities_ ? entities_->find(title) : std::nullopt;
  if (!line) return {title, std::nullopt};
  return {title_at(*line), base::string_at(*line, "description")};
}

void Knowledge::complete(evaluation::MentionItem& mention) const {
  if (mention.title) mention.title = entity_of(*mention.title).title;
  if (mention.candidates.empty() && candidates_)
    if (const std::optional<Json> line = candidates_->find(mention.surface()))
      mention.candidates = evaluation::candidates_of(*line);
  std::vector<evaluation::MentionCandidate> kept;
  std::unordered_set<std::string> met;
  for (evaluation::MentionCandidate& candidate : mention.candidates) {
    Entity entity = entity_of(candidate.title);
    if (!met.insert(entity.title).second) continue;
    candidate.title = std::move(entity.title);
    if (!candidate.description || candidate.description->empty()) candidate.description = std::move(entity.description);
    kept.push_back(std::move(candidate));
  }
  mention.candidates = std::move(kept);
}

}  // namespace kilm::disambiguation
