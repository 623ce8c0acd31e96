// The tables of facts behind the sample encyclopedia. Everything that an article says stands in facts/*.tsv. Entities
// are what there is, facts are how it hangs together, and the plans of a relation put its facts into words.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

namespace tools::encyclopedia {

// What entities of one kind share.
struct Kind {
  std::string family;       // of kinds that go together in a paragraph: sky, life, people, …
  std::string noun;         // "the river" stands for an entity that was just named
  char gender;              // m, f, n: pronoun of the entities
  bool italic;              // titles of works
  std::string preposition;  // "on" an island, "in" a city
  std::string infobox;      // name of its template
  std::string category;     // without the namespace
  std::string source;       // a citation that fits every entity of the kind
};

struct Entity {
  std::string title;
  std::string article;                    // "the " or empty: stands before the name, outside of the link
  std::string name;                       // in running text: "Mercury", "violin"
  std::string short_article, short_name;  // once introduced: "Mozart"
  std::string noun, description, lead;
  std::vector<std::string> remarks;  // sentences of its own
  std::vector<std::string> aliases;  // titles of redirects; with a leading + also good as name in running text
  const Kind* kind = nullptr;
  char gender = 'n';
  bool plural = false;
};

inline bool is_person(const Entity& entity) { return entity.gender != 'n'; }

enum Role { as_subject = 0, as_object = 1 };

struct Plan {
  std::string text;
  bool single;  // speaks of one partner, not of several
};

// What differs between the article on the subject and that on the object is indexed by Role.
struct Relation {
  std::string name;
  bool attribute = false;               // has no object
  std::array<std::string, 2> headings;  // alternatives with |
  std::array<std::string, 2> fields;    // of the infobox; "name=pattern of {v}" or name; - for none
  std::string value_name;               // column of a table
  std::array<std::vector<Plan>, 2> plans;
};

struct Fact {
  int relation, subject, object;  // object is -1 for an attribute
  std::string value;
};

struct Tables {
  std::map<std::string, Kind> kinds;
  std::vector<Entity> entities;
  std::vector<Relation> relations;  // in the order of an article's sections
  std::vector<Fact> facts;
  std::vector<std::vector<int>> facts_of;  // per entity, facts it takes part in
  std::map<std::string, int> titles;       // of entities and their aliases
};

std::string capitalised_title(std::string title);                    // MediaWiki titles begin with a capital letter
std::vector<std::string> link_targets(const std::string& wikitext);  // titles of [[…]], in order

// Throws tensor::DamagedInput that names file, line and reason.
Tables read_tables(const std::string& folder);

}  // namespace tools::encyclopedia
