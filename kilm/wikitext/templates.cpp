#include "kilm/wikitext/templates.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "kilm/languages/disambiguation.h"
#include "kilm/languages/template_table.h"
#include "kilm/languages/title.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/parser_functions.h"
#include "kilm/wikitext/template_functions.h"

namespace kilm::wikitext {

namespace {

using Pieces = std::vector<TemplatePiece>;

template <typename F>
void for_names(std::string_view list, const F& f) {
  if (list == ",") return f(list);
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    if (end > at) f(list.substr(at, end - at));
    at = end + 1;
  }
}

// --- Look-up ---------------------------------------------------------------------------------------------------------

struct TemplateEntry {
  TemplateRole role = TemplateRole::unknown;
  std::string_view text;  // of words
};

// The templates of a section.
class Index {
 public:
  explicit Index(const languages::TemplateSection& section) {
    for (const languages::TemplateRule& rule : section.words) add(rule.names, {TemplateRole::words, rule.text});
    add(section.notes, {TemplateRole::note, ""});
    add(section.silent, {TemplateRole::silent, ""});
  }

  const TemplateEntry* find(std::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
  }

  const TemplateEntry* find_part(std::string_view name) const {
    for (const auto& [part, entry] : beginnings_)
      if (name.starts_with(part)) return &entry;
    for (const auto& [part, entry] : endings_)
      if (name.ends_with(part)) return &entry;
    return nullptr;
  }

 private:
  void add(std::string_view list, TemplateEntry entry) {
    for_names(list, [&](std::string_view name) {
      if (name.size() > 1 && name.ends_with('*')) {
        beginnings_.emplace_back(name.substr(0, name.size() - 1), entry);
      } else if (name.size() > 1 && name.starts_with('*')) {
        endings_.emplace_back(name.substr(1), entry);
      } else {
        names_.emplace(name, entry);
      }
    });
  }

  std::unordered_map<std::string_view, TemplateEntry> names_;
  std::vector<std::pair<std::string_view, TemplateEntry>> beginnings_, endings_;
};

// The sections of a language, and of all.
struct Indices {
  const Index* own;
  const Index* all;
};

Indices indices(std::string_view language) {
  static const std::vector<Index> sections(languages::template_sections().begin(),
                                           languages::template_sections().end());
  static const std::unordered_map<std::string_view, const Index*> by_language = [] {
    std::unordered_map<std::string_view, const Index*> result;
    for (size_t i = 0; i < sections.size(); ++i) {
      const std::string_view languages = languages::template_sections()[i].languages;
      for (size_t at = 0, end = 0; at < languages.size(); at = end + 1) {
        end = std::min(languages.find(' ', at), languages.size());
        result[languages.substr(at, end - at)] = &sections[i];
      }
    }
    return result;
  }();
  const auto own = by_language.find(language);
  return {own == by_language.end() ? by_language.at("en") : own->second, &sections.back()};
}

TemplateEntry find_entry(std::string_view name, std::string_view language) {
  if (languages::is_disambiguation_template(name)) return {TemplateRole::disambiguation, ""};
  if (name == "short description" || name == "shortdesc" || name == "short desc")
    return {TemplateRole::short_description, ""};
  const Indices tables = indices(language);
  for (const auto find : {&Index::find, &Index::find_part})  // a name as it is goes before one with any text in it
    for (const Index* const index : {tables.own, tables.all})
      if (const TemplateEntry* const entry = (index->*find)(name)) return *entry;
  if (name.starts_with("disambig") || name.ends_with(" disambiguation")) return {TemplateRole::disambiguation, ""};
  return {};
}

// --- Patterns --------------------------------------------------------------------------------------------------------

class PatternReader {
 public:
  PatternReader(std::string_view pattern, const TemplateCall& call) : pattern_(pattern), call_(call) {}

  // Returns null if no alternative has all of its arguments.
  std::optional<Pieces> read() {
    while (true) {
      Pieces pieces;
      if (part(pieces, "|")) return pieces;
      while (at_ < pattern_.size() && pattern_[at_] != '|') ++at_;
      if (at_++ >= pattern_.size()) return {};
    }
  }

 private:
  // Reads up to one of `ends`; false if an argument outside of […] is not there.
  bool part(Pieces& pieces, std::string_view ends) {
    bool whole = true;
    while (at_ < pattern_.size() && ends.find(pattern_[at_]) == text::kNone) {
      const char c = pattern_[at_++];
      if (c == '[' && optional()) {
        Pieces inner;
        if (part(inner, "]")) pieces.insert(pieces.end(), inner.begin(), inner.end());
        ++at_;
      } else if (c == '$' && pattern_.substr(at_, 1) == "0") {
        ++at_;
        pieces.push_back({TemplatePiece::Kind::text, call_.name, 0});
      } else if (c == '$' && pattern_.substr(at_, 1) != "$") {
        const size_t argument = call_.find(argument_name());
        whole &= argument < call_.arguments.size();
        pieces.push_back({TemplatePiece::Kind::argument, "", argument});
      } else if (c == '\n') {
        pieces.push_back({TemplatePiece::Kind::paragraph, "", 0});
      } else {
        at_ += c == '$';
        add_text(pieces, c);
      }
    }
    return whole;
  }

  // Tells whether […] is an optional part: those begin with text. [$1] at the start is a bracket around a sound.
  bool optional() const { return at_ > 1; }

  std::string_view argument_name() {
    const bool named = pattern_[at_] == '(';
    const size_t begin = at_ + named, end = named ? pattern_.find(')', at_) : at_ + 1;
    at_ = end + named;
    return pattern_.substr(begin, end - begin);
  }

  static void add_text(Pieces& pieces, char c) {
    if (pieces.empty() || pieces.back().kind != TemplatePiece::Kind::text) pieces.emplace_back();
    pieces.back().text += c;
  }

  std::string_view pattern_;
  const TemplateCall& call_;
  size_t at_ = 0;
};

}  // namespace

size_t TemplateCall::find(std::string_view name) const {
  for (size_t i = arguments.size(); i-- > 0;)
    if (arguments[i].name == name) return arguments[i].blank ? arguments.size() : i;
  return arguments.size();
}

std::string TemplateCall::text(std::string_view name) const {
  const size_t i = find(name);
  return i < arguments.size() ? plain(arguments[i]) : "";
}

std::string template_name(std::string_view raw) {
  std::string name = text::lower_case(languages::normalise_title(raw));
  for (const std::string_view prefix : {"template:", "subst:", "safesubst:", "подст:"})
    if (name.starts_with(prefix))
      name = text::lower_case(languages::normalise_title(std::string_view(name).substr(prefix.size())));
  return name;
}

TemplateRole template_role(std::string_view name, std::string_view language) { return find_entry(name, language).role; }

std::optional<std::vector<TemplatePiece>> expand_template(std::string_view name, const TemplateCall& call) {
  const std::string_view text = find_entry(name, call.language).text;
  if (!text.starts_with('@')) return PatternReader(text, call).read();
  const auto function = template_functions().find(text.substr(1));
  return function != template_functions().end() ? function->second(call) : expand_parser_function(text.substr(1), call);
}

}  // namespace kilm::wikitext
