#include "tools/encyclopedia/paragraph.h"

#include <algorithm>
#include <cctype>

namespace tools::encyclopedia {

namespace {

const char* pronoun(const Entity& entity, int form) {  // 0 subject, 1 object, 2 possessive
  static const char* const words[4][3] = {
      {"he", "him", "his"}, {"she", "her", "her"}, {"it", "it", "its"}, {"they", "them", "their"}};
  return words[entity.plural ? 3 : entity.gender == 'm' ? 0 : entity.gender == 'f' ? 1 : 2][form];
}

std::string with_apostrophe(const std::string& name, const Entity& entity) {
  return name + (entity.plural ? "'" : "'s");
}

}  // namespace

std::string wiki_link(const std::string& title, const std::string& surface) {
  const bool same = title.size() == surface.size() && title.substr(1) == surface.substr(1) &&
                    std::tolower(uint8_t(title[0])) == std::tolower(uint8_t(surface[0]));
  return same ? "[[" + surface + "]]" : "[[" + title + "|" + surface + "]]";
}

std::string capitalised(std::string sentence) {
  size_t at = sentence.find_first_not_of('\'');
  if (sentence.compare(at, 2, "[[") == 0) {
    const size_t bar = sentence.find('|', at), close = sentence.find("]]", at);
    at = (bar < close ? bar + 1 : at + 2);
    at = sentence.find_first_not_of('\'', at);
  }
  sentence[at] = char(std::toupper(uint8_t(sentence[at])));
  return sentence;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return out;
}

void Paragraph::add(const Statement& statement) {
  const std::string& plan = statement.plan->text;
  const std::string about = statement.role == as_subject ? "{s} " : "{o} ";
  const std::string partner = statement.role == as_subject ? "{o}." : "{s}.";
  const bool opens_with_about = plan.starts_with(about), ends_with_partner = plan.ends_with(partner);
  const std::string conjunction = opens_with_about && choices_.chance(60) ? this->conjunction(statement) : "";
  if (conjunction.empty()) {
    append(fill(statement, 0));
  } else {
    text_.pop_back();
    text_ += conjunction + fill(statement, about.size());
  }
  const bool same_again = statement.relation == last_relation_ && statement.role == last_role_ &&
                          last_about_ != statement.about &&
                          std::count(last_partners_.begin(), last_partners_.end(), statement.about) == 0;
  if (same_again && ends_with_partner) {
    text_.pop_back();
    text_ += choices_.chance(50) ? ", too." : " as well.";
  }
  said_.insert(statement.relation);
  last_relation_ = statement.relation;
  last_role_ = statement.role;
  last_joined_ = !conjunction.empty();
  last_about_ = statement.about;
  last_partners_ = statement.partners;
  last_opens_with_about_ = opens_with_about;
  last_ends_with_partner_ = ends_with_partner && !same_again;
}

// Returns what makes one sentence of the last one and this one. They say related things about the same, or the last one
// ended with whom this one is about. Empty if they stay apart; three are never joined.
std::string Paragraph::conjunction(const Statement& statement) const {
  if (text_.empty() || last_joined_ || last_relation_ == nullptr) return "";
  const bool related = statement.relation->headings[statement.role] == last_relation_->headings[last_role_];
  if (last_opens_with_about_ && last_about_ == statement.about && related) return " and ";
  const bool follows = last_ends_with_partner_ && last_partners_.size() == 1 && last_partners_[0] == statement.about;
  return !follows ? "" : is_person(tables_.entities[size_t(statement.about)]) ? ", who " : ", which ";
}

void Paragraph::add_written(const std::string& sentences) {
  last_partners_.clear();
  const size_t last_sentence = sentences.rfind(". ", sentences.size() - 2) + 1;  // 0 if there is one only
  std::string out;
  for (size_t at = 0; at < sentences.size();) {
    const size_t open = sentences.find("[[", at), close = sentences.find("]]", open);
    if (open == std::string::npos || close == std::string::npos) {
      out += sentences.substr(at);
      break;
    }
    const std::string markup = sentences.substr(open, close + 2 - open);
    const int entity = tables_.titles.at(link_targets(markup)[0]);
    const bool again = entity == topic_ || !linked_.insert(entity).second;
    out += sentences.substr(at, open - at);
    const std::string inside = markup.substr(2, markup.size() - 4);
    out += again ? inside.substr(inside.find('|') + 1) : markup;
    if (open > last_sentence) last_partners_.push_back(entity);
    at = close + 2;
  }
  append(out);
  last_about_ = -1;
  last_relation_ = nullptr;
  last_opens_with_about_ = last_ends_with_partner_ = last_joined_ = false;
}

int Paragraph::words() const {  // without the titles of piped links
  int words = 1;
  for (size_t at = 0; at < text_.size(); ++at) {
    if (text_.compare(at, 2, "[[") == 0)
      if (const size_t bar = text_.find('|', at); bar < text_.find("]]", at)) at = bar;
    words += text_[at] == ' ';
  }
  return words;
}

std::vector<int> Paragraph::recent() const {
  std::vector<int> entities = last_partners_;
  if (last_about_ >= 0) entities.push_back(last_about_);
  return entities;
}

// Fills the slots of a plan, from a place in it on. They stand in braces; what is {is/are}, {he} or {~is/are} is
// explained in plans.tsv.
std::string Paragraph::fill(const Statement& statement, size_t from) {
  const std::string& plan = statement.plan->text;
  std::string out;
  for (size_t at = from; at < plan.size();) {
    const size_t open = plan.find('{', at), close = plan.find('}', open);
    out += plan.substr(at, open - at);
    if (open == std::string::npos) break;
    out += slot(plan.substr(open + 1, close - open - 1), statement, open == 0);
    at = close + 1;
  }
  return out;
}

std::string Paragraph::slot(const std::string& slot, const Statement& statement, bool first) {
  const Entity& about = tables_.entities[size_t(statement.about)];
  if (const size_t slash = slot.find('/'); slash != std::string::npos) {
    const bool of_partners = slot[0] == '~';
    const bool plural = of_partners
                            ? statement.partners.size() > 1 || tables_.entities[size_t(statement.partners[0])].plural
                            : about.plural;
    return plural ? slot.substr(slash + 1) : slot.substr(of_partners, slash - of_partners);
  }
  if (slot == "v") return statement.value;
  if (slot == "he" || slot == "him" || slot == "his") return pronoun(about, slot == "he" ? 0 : slot == "him" ? 1 : 2);
  const std::string role = slot.substr(slot.starts_with("in ") ? 3 : 0, 1);
  const bool is_about = (role == "s") == (statement.role == as_subject);
  const std::vector<int> entities = is_about ? std::vector<int>{statement.about} : statement.partners;
  std::string out;
  if (slot.starts_with("in ")) {
    const Entity& place = tables_.entities[size_t(entities[0])];
    out = (place.plural ? "in" : place.kind->preposition) + " ";
    first = false;
  }
  return out + names(entities, is_about, first, slot.ends_with("'s"));
}

std::string Paragraph::names(const std::vector<int>& entities, bool subject, bool first, bool possessive) {
  std::vector<std::string> parts;
  for (const int entity : entities) parts.push_back(name(entity, subject, first && parts.empty(), possessive));
  return joined(parts);
}

std::string Paragraph::name(int index, bool subject, bool first, bool possessive) {
  const Entity& entity = tables_.entities[size_t(index)];
  if (knows(index)) return again(index, subject, first, possessive);
  const std::string linked = link(index);
  linked_.insert(index);
  return possessive ? with_apostrophe(linked, entity) : linked;
}

// Names somebody who has been introduced. The name is a pronoun if the last sentence was about the same. It is a noun
// if that only named them and nobody else of that sort.
std::string Paragraph::again(int index, bool subject, bool first, bool possessive) const {
  const Entity& entity = tables_.entities[size_t(index)];
  const bool italic = entity.kind->italic;
  const auto confusing = [&](const Entity& other) {
    return &other != &entity && (other.noun == entity.noun || (is_person(entity) && is_person(other)));
  };
  std::vector<int> recently = recent();
  const bool recent_here = std::find(recently.begin(), recently.end(), index) != recently.end();
  const bool clear = std::none_of(recently.begin(), recently.end(),
                                  [&](int other) { return confusing(tables_.entities[size_t(other)]); });
  if (subject && first && !text_.empty()) {
    const bool same = last_about_ == index && (last_opens_with_about_ || (clear && is_person(entity)));
    if (same || (recent_here && clear && is_person(entity))) return pronoun(entity, possessive ? 2 : 0);
  }
  const std::string rival = namesake(index);
  const bool by_noun = recent_here && clear && subject && !text_.empty() && !is_person(entity);
  std::string name = entity.short_article + (italic ? "''" + entity.short_name + "''" : entity.short_name);
  if (by_noun || (!rival.empty() && capitalised(entity.name) == capitalised(entity.short_name)))
    name = "the " + entity.noun;
  else if (!rival.empty())
    name = entity.article + entity.name;
  return possessive ? with_apostrophe(name, entity) : name;
}

// Returns the full name of somebody else here whose short name is the same, if there is one.
std::string Paragraph::namesake(int index) const {
  const Entity& entity = tables_.entities[size_t(index)];
  std::set<int> others = linked_;
  others.insert(topic_);
  others.erase(index);
  for (const int other : others)
    if (capitalised(tables_.entities[size_t(other)].short_name) == capitalised(entity.short_name))
      return tables_.entities[size_t(other)].name;
  return "";
}

// Links the first mention. Mostly the surface is the plain name; now and then a shorter or another one, through a
// redirect or to a section. Beside a namesake it is the full name, or "the god [[Mercury (mythology)|Mercury]]" if that
// does not help. Mostly that form stands, too, where something that is not linked here shares the name.
std::string Paragraph::link(int index) {
  const Entity& entity = tables_.entities[size_t(index)];
  std::string title = entity.title, article = entity.article, surface = entity.name;
  if (const std::string rival = namesake(index); !rival.empty()) {
    if (capitalised(entity.name) == capitalised(entity.short_name)) article = "the " + entity.noun + " ";
  } else if (!entity.aliases.empty() && choices_.chance(15)) {
    std::string alias = entity.aliases[size_t(choices_.below(int(entity.aliases.size())))];
    if (alias[0] == '+') {
      article = alias.substr(1).starts_with("the ") ? "the " : "";
      title = surface = alias.substr(1 + article.size());
    } else if (choices_.chance(30)) {
      title = alias;
    }
  } else if (surface != entity.short_name && choices_.chance(is_person(entity) ? 35 : 60)) {
    article = entity.short_article;
    surface = entity.short_name;
  } else if (choices_.chance(2)) {
    title += "#References";
  }
  if (!article.starts_with("the " + entity.noun) && is_shared(index, surface) && choices_.chance(70))
    article = "the " + entity.noun + " ";
  std::string out = wiki_link(title, surface);
  if (entity.kind->italic) out = "''" + out + "''";
  return article + out;
}

// Tells whether something of another sort goes by this name, so that a writer would say which is meant.
bool Paragraph::is_shared(int index, const std::string& surface) const {
  const Entity& entity = tables_.entities[size_t(index)];
  return std::any_of(tables_.entities.begin(), tables_.entities.end(), [&](const Entity& other) {
    const bool same = capitalised(other.short_name) == capitalised(surface) || other.name == surface;
    return &other != &entity && same && other.noun != entity.noun;
  });
}

void Paragraph::append(std::string sentence) {
  if (!text_.empty()) text_ += ' ';
  text_ += capitalised(std::move(sentence));
}

}  // namespace tools::encyclopedia
