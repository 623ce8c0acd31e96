// A paragraph in the making: fills plans with names, nouns and pronouns, by what has been said before.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tools/encyclopedia/choices.h"
#include "tools/encyclopedia/tables.h"

namespace tools::encyclopedia {

// A sentence to be written: a plan, whom it is about, and the partners of that entity in the facts it states.
struct Statement {
  const Plan* plan;
  const Relation* relation;
  Role role;  // of the entity it is about
  int about;
  std::vector<int> partners;
  std::string value;
};

class Paragraph {
 public:
  // Begins a paragraph in the article of `topic`, an entity that is never linked there.
  Paragraph(const Tables& tables, int topic, Choices& choices) : tables_(tables), topic_(topic), choices_(choices) {}

  void add(const Statement& statement);
  void add_written(const std::string& sentences);  // ready wikitext about the topic

  const std::string& text() const { return text_; }
  const std::set<int>& linked() const { return linked_; }  // entities that the reader can reach from here
  bool knows(int entity) const { return entity == topic_ || linked_.count(entity) > 0; }
  bool has_said(const Relation* relation) const { return said_.count(relation) > 0; }
  int words() const;
  // Returns whom the next sentence can be about: the partners of the last one, then whom it was about itself.
  std::vector<int> recent() const;

 private:
  std::string fill(const Statement& statement, size_t from);
  std::string conjunction(const Statement& statement) const;
  std::string slot(const std::string& slot, const Statement& statement, bool first);
  std::string names(const std::vector<int>& entities, bool subject, bool first, bool possessive);
  std::string name(int entity, bool subject, bool first, bool possessive);
  std::string link(int entity);
  std::string namesake(int entity) const;
  bool is_shared(int entity, const std::string& surface) const;
  std::string again(int entity, bool subject, bool first, bool possessive) const;
  void append(std::string sentence);

  const Tables& tables_;
  int topic_;
  Choices& choices_;
  std::string text_;
  std::set<int> linked_;
  std::set<const Relation*> said_;
  int last_about_ = -1;
  const Relation* last_relation_ = nullptr;
  Role last_role_ = as_subject;
  std::vector<int> last_partners_;
  bool last_opens_with_about_ = false, last_ends_with_partner_ = false, last_joined_ = false;
};

// Writes "[[Seine]]", "[[Mercury (planet)|Mercury]]" or "[[violin]]".
std::string wiki_link(const std::string& title, const std::string& surface);
std::string capitalised(std::string sentence);              // its first letter, also inside of a link
std::string joined(const std::vector<std::string>& parts);  // "a, b and c"

}  // namespace tools::encyclopedia
