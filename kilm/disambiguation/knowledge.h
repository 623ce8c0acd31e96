// What is known beside a set of mentions: entities with their descriptions and redirects, and candidates by surface.
#pragma once

#include <optional>
#include <string>

#include "kilm/evaluation/readers/keyed_lines.h"
#include "kilm/evaluation/readers/mentions.h"

namespace kilm::disambiguation {

class Knowledge {
 public:
  // Takes files, or nothing. `entities` has JSON lines {"title", "description", "redirects"}, as `kilm prepare
  // --entities` writes them, `candidates` {"mention", "candidates"}, as `kilm prepare --candidates` does. Of lines
  // about the same title or mention the first counts. Throws Error and DamagedInput as KeyedLines does.
  Knowledge(const std::optional<std::string>& entities, const std::optional<std::string>& candidates);

  // Gives a mention that brings no candidates those of its exact surface. Takes the titles of gold and candidates
  // through redirects, gives descriptions to candidates without one, and drops a candidate whose title came before.
  void complete(evaluation::MentionItem& mention) const;

 private:
  struct Entity {
    std::string title;
    std::optional<std::string> description;
  };
  Entity entity_of(const std::string& title) const;

  std::optional<evaluation::KeyedLines> entities_, candidates_;
};

}  // namespace kilm::disambiguation
