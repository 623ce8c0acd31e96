// kinds.tsv    KIND family noun gender upright|italic in|on infobox category source
// plans.tsv    relation NAME heading heading field field value, then rows s|o|s1|o1 PLAN (1: for a single partner)
// other files  entity TITLE KIND[/noun][:gender] [name[;short name]] description [aliases], then rows about it:
//              lead SENTENCE, remark SENTENCE, ATTRIBUTE value, RELATION object [value]
// An empty line or one that begins with # says nothing.
#include "tools/encyclopedia/tables.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tensor/base/error.h"

namespace tools::encyclopedia {

namespace {

using Row = std::vector<std::string>;

Row split(const std::string& text, char separator) {
  Row parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// Calls use(row, place) for each row; what it throws gets the place, file and line, put in front.
void read_rows(const std::filesystem::path& file, size_t width,
               const std::function<void(const Row&, const std::string& place)>& use) {
  std::ifstream in(file);
  if (!in) throw base::DamagedInput(file.string() + ": cannot be read");
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    Row row = split(line, '\t');
    row.resize(std::max(row.size(), width));
    const std::string place = file.string() + ", line " + std::to_string(number);
    try {
      use(row, place);
    } catch (const base::Error& error) {
      throw base::DamagedInput(place + ": " + error.what());
    }
  }
}

// Shortens "Mercury (planet)" and "Paris, Texas" to Mercury and Paris.
std::string name_of_title(const std::string& title) {
  return title.substr(0, std::min(title.find(" ("), title.find(", ")));
}

std::string article(const std::string& name) { return name.starts_with("the ") ? "the " : ""; }
std::string without_article(const std::string& name) { return name.substr(article(name).size()); }

std::string last_word(const std::string& name) { return name.substr(name.rfind(' ') + 1); }

// Objects are named before the row of their entity is read, so facts are resolved at the end.
struct UnresolvedFact {
  Fact fact;
  std::string object, place;
};

class Reader {
 public:
  void read_kind(const Row& row) {
    tables.kinds[row[0]] = {row[1], row[2], row[3].empty() ? 'n' : row[3][0], row[4] == "italic", row[5], row[6],
                            row[7], row[8]};
  }

  void read_plan(const Row& row) {
    if (row[0] == "relation") {
      Relation relation;
      relation.name = row[1];
      relation.headings = {row[2], row[3]};
      relation.fields = {row[4], row[5]};
      relation.value_name = row[6];
      relation.attribute = row[3] == "-";
      tables.relations.push_back(relation);
      return;
    }
    if (tables.relations.empty() || (row[0][0] != 's' && row[0][0] != 'o')) base::fail("unknown row " + row[0]);
    const bool single = row[0].ends_with('1') || row[1].find("{v}") != std::string::npos;
    tables.relations.back().plans[row[0][0] == 's' ? as_subject : as_object].push_back({row[1], single});
  }

  void read_fact(const Row& row, const std::string& place) {
    if (row[0] == "entity") return read_entity(row);
    if (tables.entities.empty()) base::fail("a row before the first entity");
    Entity& entity = tables.entities.back();
    if (row[0] == "lead" || row[0] == "remark") {
      for (const std::string& target : link_targets(row[1])) unresolved_links_.emplace_back(target, place);
      if (row[0] == "lead")
        entity.lead = row[1];
      else
        entity.remarks.push_back(row[1]);
    } else {
      const auto found = std::find_if(tables.relations.begin(), tables.relations.end(),
                                      [&](const Relation& relation) { return relation.name == row[0]; });
      if (found == tables.relations.end()) base::fail("unknown relation " + row[0]);
      const Fact fact{int(found - tables.relations.begin()), int(tables.entities.size()) - 1, -1,
                      found->attribute ? row[1] : row[2]};
      unresolved_.push_back({fact, found->attribute ? "" : row[1], place});
    }
  }

  void resolve() {
    tables.facts_of.resize(tables.entities.size());
    for (const auto& [target, place] : unresolved_links_) find(target, place);
    for (UnresolvedFact& row : unresolved_) {
      if (!row.object.empty()) {
        row.fact.object = find(row.object, row.place);
        tables.facts_of[size_t(row.fact.object)].push_back(int(tables.facts.size()));
      }
      tables.facts_of[size_t(row.fact.subject)].push_back(int(tables.facts.size()));
      tables.facts.push_back(row.fact);
    }
  }

  Tables tables;

 private:
  void read_entity(const Row& row) {
    Entity entity;
    entity.title = row[1];
    entity.description = row[4];
    const Row gender = split(row[2], ':'), noun = split(gender[0], '/');
    const auto kind = tables.kinds.find(noun[0]);
    if (kind == tables.kinds.end()) base::fail("unknown kind " + noun[0]);
    entity.kind = &kind->second;
    entity.noun = noun.size() > 1 ? noun[1] : kind->second.noun;
    entity.gender = gender.size() > 1 && gender[1] != "p" ? gender[1][0] : kind->second.gender;
    entity.plural = gender.size() > 1 && gender[1] == "p";
    Row names = split(row[3], ';');
    if (names[0].empty()) names[0] = name_of_title(entity.title);
    if (names.size() == 1) names.push_back(is_person(entity) ? last_word(names[0]) : names[0]);
    entity.article = article(names[0]);
    entity.name = without_article(names[0]);
    entity.short_article = article(names[1]);
    entity.short_name = without_article(names[1]);
    if (!row[5].empty()) entity.aliases = split(row[5], ';');
    add_title(entity.title);
    for (const std::string& alias : entity.aliases) {
      add_title(without_article(alias.substr(alias[0] == '+')));
    }
    tables.entities.push_back(std::move(entity));
  }

  int find(const std::string& title, const std::string& place) const {
    const auto found = tables.titles.find(title);
    if (found == tables.titles.end()) throw base::DamagedInput(place + ": no entity " + title);
    return found->second;
  }

  void add_title(const std::string& title) {
    if (!tables.titles.emplace(capitalised_title(title), int(tables.entities.size())).second)
      base::fail(title + " is there twice");
  }

  std::vector<UnresolvedFact> unresolved_;
  std::vector<std::pair<std::string, std::string>> unresolved_links_;  // title, place
};

}  // namespace

std::string capitalised_title(std::string title) {
  title[0] = char(std::toupper(uint8_t(title[0])));
  return title;
}

std::vector<std::string> link_targets(const std::string& wikitext) {
  std::vector<std::string> targets;
  for (size_t open = wikitext.find("[["); open != std::string::npos; open = wikitext.find("[[", open + 2))
    targets.push_back(capitalised_title(wikitext.substr(open + 2, wikitext.find_first_of("#|]", open) - open - 2)));
  return targets;
}

Tables read_tables(const std::string& folder) {
  const std::filesystem::path root(folder);
  Reader reader;
  read_rows(root / "kinds.tsv", 9, [&](const Row& row, const std::string&) { reader.read_kind(row); });
  read_rows(root / "plans.tsv", 7, [&](const Row& row, const std::string&) { reader.read_plan(row); });
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(root))
    if (entry.path().extension() == ".tsv" && entry.path() != root / "kinds.tsv" && entry.path() != root / "plans.tsv")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files)
    read_rows(file, 6, [&](const Row& row, const std::string& place) { reader.read_fact(row, place); });
  reader.resolve();
  return std::move(reader.tables);
}

}  // namespace tools::encyclopedia
