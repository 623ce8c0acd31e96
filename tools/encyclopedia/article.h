// Writes articles: which facts an article tells, in which order, and the wikitext around them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/encyclopedia/paragraph.h"

namespace tools::encyclopedia {

// There is one for the whole encyclopedia. It remembers who has been mentioned how often and which plans have been
// used. So everybody gets a share of the mentions, and no wording wears out.
class ArticleWriter {
 public:
  explicit ArticleWriter(const Tables& tables);

  // Writes the wikitext of an entity's article. `disambiguation` is the title of the page that lists its namesakes, or
  // empty.
  std::string write(int entity, const std::string& disambiguation);

 private:
  // Facts of one relation in which the topic has one role.
  struct Theme {
    int relation;
    Role role;
    std::vector<int> facts;
  };
  struct Section {
    std::string heading;
    std::vector<Theme> themes;
  };

  std::vector<Theme> themes() const;
  std::vector<Section> sections(const std::vector<Theme>& themes);
  std::string lead(const std::vector<Theme>& themes, std::vector<Section>& sections);
  std::string body(std::vector<Section>& sections);
  std::vector<std::string> paragraphs(Section& section);

  bool say_own(Paragraph& paragraph, std::vector<Theme>& themes);
  bool say_of_neighbour(Paragraph& paragraph);
  int affinity(int other) const;
  void extend(Paragraph& paragraph, std::vector<Theme>& themes, int own_percent);
  std::string finish(const Paragraph& paragraph);
  Statement statement(const std::vector<int>& facts, int about);
  const Plan& choose_plan(const std::vector<int>& facts, Role role);

  std::string infobox(const std::vector<Theme>& themes) const;
  std::string picture(const std::vector<Theme>& themes);
  std::string table(const Theme& theme) const;
  std::string see_also() const;

  const Fact& fact(int index) const { return tables_.facts[size_t(index)]; }
  const Relation& relation(int fact_index) const { return tables_.relations[size_t(fact(fact_index).relation)]; }
  const Relation& relation_of(const Theme& theme) const { return tables_.relations[size_t(theme.relation)]; }
  const Entity& entity(int index) const { return tables_.entities[size_t(index)]; }
  int partner(int fact_index, int of) const;

  const Tables& tables_;
  std::vector<int> mentions_;                          // per entity, paragraphs that link to it
  std::vector<int> told_;                              // per fact, sentences that state it
  std::map<const Plan*, int> used_;                    // sentences of this plan
  std::map<std::pair<const Plan*, int>, int> worded_;  // sentences of this plan that state this fact

  // State of the article at work.
  int topic_ = 0;
  Choices choices_{""};
  std::set<int> neighbours_;  // who shares a fact with the topic
  std::set<int> told_here_;
  std::set<const Plan*> used_here_;
};

}  // namespace tools::encyclopedia
