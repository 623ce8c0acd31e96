// PoMo (Kang et al. 2019), sentences of newspapers with the post-modifier of a name: tables NAME.pm, each with the
// facts about its names in NAME.wiki beside it.
#pragma once

#include <span>
#include <unordered_map>

#include "kilm/evaluation/readers/appositives.h"
#include "tensor/base/file.h"
#include "tensor/base/lines.h"

namespace kilm::evaluation {

// What Wikidata says of names. A line of a .wiki file has, with tabs between: id, label, aliases, descriptions, and
// claims as JSON [{"property": [name, value], "qualifiers": [[name, value], ...], "used": [items of the .pm file]}].
// The file is mapped, and a name's claims are read when they are asked for.
class PomoFacts {
 public:
  explicit PomoFacts(const std::string& path);  // throws DamagedInput, which names the line

  // Returns the first claim of an entity that the item uses. Throws DamagedInput if its claims are damaged, and Error
  // if there is no such entity.
  std::optional<AppositiveFact> used_by(const std::string& entity, std::string_view item) const;

 private:
  struct Claims {
    std::string_view json;
    int64_t line;
  };

  base::MappedFile file_;
  std::unordered_map<std::string_view, Claims> claims_;  // by id
};

// A line of a .pm file has, with tabs between: the sentence without the post-modifier, the name, the post-modifier, the
// sentence with it, the name's Wikidata id, the sentence before and the one behind (n/a if there is none), how much the
// post-modifier belongs to its context, and what tells the item from all others. The slot is behind the last name in
// what both sentences begin with.
class PomoReader final : public AppositiveReader {
 public:
  PomoReader(const std::string& path, const std::string& facts) : lines_(path), facts_(facts) {}  // .pm and .wiki

  std::string place() const override { return lines_.place(); }

 protected:
  std::optional<Appositive> read() override;
  const std::string& source() const override { return lines_.source(); }

 private:
  Appositive item_of(const std::string& line) const;

  base::Lines lines_;
  PomoFacts facts_;
};

}  // namespace kilm::evaluation
