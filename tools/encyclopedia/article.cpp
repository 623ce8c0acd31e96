#include "tools/encyclopedia/article.h"

#include <algorithm>

#include "tensor/base/error.h"

namespace tools::encyclopedia {

namespace {

// What a paragraph should have: enough words to tell who is who, few enough to be read at one glance.
constexpr int kFewWords = 34, kManyWords = 50, kFewLinks = 3, kManyLinks = 4;
constexpr size_t kFewFacts = 7;   // with fewer, an article is brief
constexpr size_t kMostFacts = 8;  // of one relation in one article

std::string replaced(std::string pattern, const std::string& what, const std::string& by) {
  for (size_t at = pattern.find(what); at != std::string::npos; at = pattern.find(what, at + by.size()))
    pattern.replace(at, what.size(), by);
  return pattern;
}

}  // namespace

ArticleWriter::ArticleWriter(const Tables& tables)
    : tables_(tables), mentions_(tables.entities.size()), told_(tables.facts.size()) {}

int ArticleWriter::partner(int fact_index, int of) const {
  return fact(fact_index).subject == of ? fact(fact_index).object : fact(fact_index).subject;
}

std::string ArticleWriter::write(int entity_index, const std::string& disambiguation) {
  topic_ = entity_index;
  choices_ = Choices(entity(topic_).title);
  neighbours_.clear();
  for (const int f : tables_.facts_of[size_t(topic_)])
    if (fact(f).object >= 0) neighbours_.insert(partner(f, topic_));
  told_here_.clear();
  used_here_.clear();

  const Entity& topic = entity(topic_);
  const std::vector<Theme> all = themes();
  std::string text = "{{Short description|" + topic.description + "}}\n";
  if (!disambiguation.empty()) text += "{{Other uses|" + disambiguation + "}}\n";
  text += infobox(all);
  text += picture(all);
  std::vector<Section> parts = sections(all);
  text += lead(all, parts);
  text += body(parts);
  return text + see_also() + "== References ==\n{{reflist}}\n\n[[Category:" + topic.kind->category + "]]\n";
}

// Returns all facts about the topic, in the order of the relations.
std::vector<ArticleWriter::Theme> ArticleWriter::themes() const {
  std::vector<Theme> themes;
  for (int r = 0; r < int(tables_.relations.size()); ++r) {
    for (const Role role : {as_subject, as_object}) {
      Theme theme{r, role, {}};
      for (const int f : tables_.facts_of[size_t(topic_)])
        if (fact(f).relation == r && (role == as_subject ? fact(f).subject : fact(f).object) == topic_)
          theme.facts.push_back(f);
      if (!theme.facts.empty()) themes.push_back(std::move(theme));
    }
  }
  return themes;
}

// Puts themes under their headings. Where there are too many facts, those stay whose partners are mentioned least.
std::vector<ArticleWriter::Section> ArticleWriter::sections(const std::vector<Theme>& themes) {
  std::vector<Section> sections;
  const bool first_alternative = choices_.chance(50);
  for (Theme theme : themes) {
    if (relation_of(theme).attribute) continue;
    if (theme.facts.size() > kMostFacts) {
      std::stable_sort(theme.facts.begin(), theme.facts.end(), [&](int a, int b) {
        return mentions_[size_t(partner(a, topic_))] < mentions_[size_t(partner(b, topic_))];
      });
      theme.facts.resize(kMostFacts);
    }
    std::string heading = relation_of(theme).headings[theme.role];
    const size_t bar = heading.find('|');
    if (bar != std::string::npos) heading = first_alternative ? heading.substr(0, bar) : heading.substr(bar + 1);
    auto section =
        std::find_if(sections.begin(), sections.end(), [&](const Section& s) { return s.heading == heading; });
    if (section == sections.end()) section = sections.insert(section, {heading, {}});
    section->themes.push_back(std::move(theme));
  }
  return sections;
}

// Returns the written sentences of the topic and its attributes, each followed by facts from the sections, which lose
// them.
std::string ArticleWriter::lead(const std::vector<Theme>& themes, std::vector<Section>& sections) {
  const Entity& topic = entity(topic_);
  std::vector<std::string> written = {topic.lead};
  for (const std::string& remark : topic.remarks) {
    if (tables_.facts_of[size_t(topic_)].size() < kFewFacts)
      written[0] += " " + remark;
    else
      written.push_back(remark);
  }
  std::string text;
  for (size_t i = 0; i < written.size(); ++i) {
    Paragraph paragraph(tables_, topic_, choices_);
    paragraph.add_written(written[i]);
    if (i == 0)
      for (const Theme& theme : themes)
        if (relation_of(theme).attribute) paragraph.add(statement(theme.facts, topic_));
    extend(paragraph, sections[size_t(choices_.below(int(sections.size())))].themes, 50);
    text += finish(paragraph);
    if (i == 0) text += "<ref name=\"" + topic.kind->category + "\">" + topic.kind->source + "</ref>";
    text += "\n\n";
  }
  return text;
}

// Returns the sections that still have something to say.
std::string ArticleWriter::body(std::vector<Section>& sections) {
  std::string text;
  bool cited = false;
  for (Section& section : sections) {
    std::string tables;
    for (const Theme& theme : section.themes) tables += table(theme);
    const std::vector<std::string> paragraphs = this->paragraphs(section);
    if (paragraphs.empty()) continue;
    text += "== " + section.heading + " ==\n";
    if (choices_.chance(8))
      text += "<!-- Names and figures in this section have been checked; please cite a source for changes. -->\n";
    for (const std::string& paragraph : paragraphs) {
      text += paragraph;
      if (!cited && choices_.chance(40)) {
        text += "<ref name=\"" + entity(topic_).kind->category + "\" />";
        cited = true;
      }
      text += "\n\n";
    }
    text += tables;
  }
  return text;
}

std::vector<std::string> ArticleWriter::paragraphs(Section& section) {
  std::vector<std::string> paragraphs;
  size_t left = 0;
  for (const Theme& theme : section.themes) left += theme.facts.size();
  for (;;) {
    Paragraph paragraph(tables_, topic_, choices_);
    if (!say_own(paragraph, section.themes)) return paragraphs;
    extend(paragraph, section.themes, left > 4 ? 60 : 25);
    paragraphs.push_back(finish(paragraph));
  }
}

// Adds sentences until the paragraph is long enough: facts of the themes with that probability, else about neighbours.
void ArticleWriter::extend(Paragraph& paragraph, std::vector<Theme>& themes, int own_percent) {
  const auto enough = [&] { return paragraph.words() >= kFewWords && int(paragraph.linked().size()) >= kFewLinks; };
  while (!enough() && paragraph.words() < kManyWords && int(paragraph.linked().size()) < kManyLinks) {
    const bool own = choices_.chance(own_percent);
    if (own && say_own(paragraph, themes)) continue;
    if (!say_of_neighbour(paragraph) && !say_own(paragraph, themes)) return;
  }
}

// Counts its mentions.
std::string ArticleWriter::finish(const Paragraph& paragraph) {
  for (const int entity : paragraph.linked()) ++mentions_[size_t(entity)];
  return paragraph.text();
}

// Says the next facts of the first theme, about the topic or, for a change, about the partner. False if nothing is
// left.
bool ArticleWriter::say_own(Paragraph& paragraph, std::vector<Theme>& themes) {
  while (!themes.empty()) {
    Theme& theme = themes.front();
    std::vector<int> facts;
    const std::vector<Plan>& plans = relation_of(theme).plans[theme.role];
    const bool listable = std::any_of(plans.begin(), plans.end(), [](const Plan& plan) { return !plan.single; });
    const bool many = listable && theme.facts.size() > 2 && choices_.chance(50);
    const size_t wanted = many ? 2 + size_t(choices_.below(2)) : 1;
    while (!theme.facts.empty() && facts.size() < wanted) {
      const int f = theme.facts.front();
      theme.facts.erase(theme.facts.begin());
      const bool known = fact(f).object >= 0 && paragraph.knows(partner(f, topic_));
      if (told_here_.count(f) == 0 && !known) facts.push_back(f);
    }
    if (theme.facts.empty()) themes.erase(themes.begin());
    if (facts.empty()) continue;
    const bool turned = facts.size() == 1 && fact(facts[0]).object >= 0 && choices_.chance(30);
    paragraph.add(statement(facts, turned ? partner(facts[0], topic_) : topic_));
    return true;
  }
  return false;
}

// Says a fact about a neighbour of the topic whom the last sentence named. It prefers what leads back to the topic or
// to something of the same sort, and what the encyclopedia has told least. False if there is none.
bool ArticleWriter::say_of_neighbour(Paragraph& paragraph) {
  int best = -1, about = -1, best_score = 0;
  for (const int neighbour : paragraph.recent()) {
    if (neighbours_.count(neighbour) == 0) continue;
    for (const int f : tables_.facts_of[size_t(neighbour)]) {
      const int other = partner(f, neighbour);
      if (told_here_.count(f) > 0 || (other >= 0 && paragraph.knows(other))) continue;
      int score = 9 * told_[size_t(f)] + choices_.below(12) - affinity(other);
      score += 2 * (other < 0 ? 15 : std::min(mentions_[size_t(other)], 40));
      if (paragraph.has_said(&relation(f))) score += 25;
      if (best < 0 || score < best_score) best = f, about = neighbour, best_score = score;
    }
  }
  if (best < 0) return false;
  paragraph.add(statement({best}, about));
  return true;
}

// Returns how well an entity fits into the article.
int ArticleWriter::affinity(int other) const {
  if (other < 0) return 0;
  if (neighbours_.count(other) > 0 || entity(other).kind == entity(topic_).kind) return 30;
  return entity(other).kind->family == entity(topic_).kind->family ? 20 : 0;
}

Statement ArticleWriter::statement(const std::vector<int>& facts, int about) {
  const Role role = fact(facts[0]).subject == about ? as_subject : as_object;
  const Plan& plan = choose_plan(facts, role);
  ++used_[&plan];
  used_here_.insert(&plan);
  Statement statement{&plan, &relation(facts[0]), role, about, {}, fact(facts[0]).value};
  for (const int f : facts) {
    ++told_[size_t(f)];
    told_here_.insert(f);
    ++worded_[{&plan, f}];
    if (fact(f).object >= 0) statement.partners.push_back(partner(f, about));
  }
  return statement;
}

// Returns a plan that says these facts, new for the article and for the fact if possible, and little used so far.
const Plan& ArticleWriter::choose_plan(const std::vector<int>& facts, Role role) {
  const Plan* best = nullptr;
  int best_score = 0;
  for (const Plan& plan : relation(facts[0]).plans[role]) {
    const bool with_value = plan.text.find("{v}") != std::string::npos;
    if ((plan.single && facts.size() > 1) || (with_value && fact(facts[0]).value.empty())) continue;
    const int score =
        1000 * int(used_here_.count(&plan)) + 200 * worded_[{&plan, facts[0]}] + used_[&plan] + choices_.below(4);
    if (best == nullptr || score < best_score) best = &plan, best_score = score;
  }
  if (best == nullptr)
    throw base::DamagedInput("plans.tsv: no plan of " + relation(facts[0]).name + " for " +
                             entity(fact(facts[0]).subject).title);
  return *best;
}

std::string ArticleWriter::infobox(const std::vector<Theme>& themes) const {
  const Entity& topic = entity(topic_);
  std::string text = "{{Infobox " + topic.kind->infobox + "\n| name = " + capitalised(topic.name) + "\n";
  for (const Theme& theme : themes) {
    const std::string& field = relation_of(theme).fields[theme.role];
    if (field == "-") continue;
    std::vector<std::string> values;
    for (const int f : theme.facts) {
      if (values.size() == 4) break;
      const int other = partner(f, topic_);
      values.push_back(other < 0 ? fact(f).value : wiki_link(entity(other).title, entity(other).name));
    }
    if (const size_t equals = field.find('='); equals != std::string::npos)
      text += "| " + field.substr(0, equals) + " = " + replaced(field.substr(equals + 1), "{v}", values[0]) + "\n";
    else
      text += "| " + field + " = " + joined(values) + "\n";
  }
  return text + "}}\n";
}

// Adds a picture, whose caption states a fact, in a third of the articles.
std::string ArticleWriter::picture(const std::vector<Theme>& themes) {
  if (!choices_.chance(33)) return "";
  for (const Theme& theme : themes) {
    if (relation_of(theme).attribute) continue;
    Paragraph caption(tables_, topic_, choices_);
    caption.add(statement({theme.facts[0]}, topic_));
    told_here_.clear();
    return "[[File:" + entity(topic_).title + ".jpg|thumb|upright=1.1|" + caption.text() + "]]\n";
  }
  return "";
}

// Makes a table, too, of three or more partners with values, or with values of one attribute.
std::string ArticleWriter::table(const Theme& theme) const {
  std::string rows, column;
  int count = 0;
  for (const int f : theme.facts) {
    if (fact(f).object < 0) return "";
    const int other = partner(f, topic_);
    int source = f;  // of the value
    if (fact(f).value.empty())
      for (const int g : tables_.facts_of[size_t(other)])
        if (relation(g).attribute && !relation(source).attribute) source = g;
    const std::string& name = relation(source).value_name;
    if (fact(source).value.empty() || name == "-" || (!column.empty() && name != column)) continue;
    column = name;
    ++count;
    const std::string link = wiki_link(entity(other).title, capitalised(entity(other).name));
    rows += "|-\n| " + (entity(other).kind->italic ? "''" + link + "''" : link) + " || " + fact(source).value + "\n";
  }
  if (count < 3) return "";
  return "{| class=\"wikitable\"\n! Name !! " + capitalised(column) + "\n" + rows + "|}\n\n";
}

std::string ArticleWriter::see_also() const {
  std::vector<int> others;
  for (const int f : tables_.facts_of[size_t(topic_)])
    if (const int other = partner(f, topic_); other >= 0 && std::count(others.begin(), others.end(), other) == 0)
      others.push_back(other);
  if (others.size() < 5 || others.size() > 9) return "";
  std::string text = "== See also ==\n";
  for (size_t i = 0; i < 3; ++i) text += "* [[" + entity(others[others.size() - 1 - i]).title + "]]\n";
  return text + "\n";
}

}  // namespace tools::encyclopedia
