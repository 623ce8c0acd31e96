// What templates say in running text. A template is never evaluated. Where its words carry the sentence, a table gives
// a pattern of its arguments. A few (units, dates) have a function, and the rest is left out.
//
// In a pattern, $n stands for the n-th argument, $(x) for the one named x, $0 for the template's name as it is written.
// A part in […] is there only if all arguments in it are; a line end stands for the end of a paragraph. Of alternatives
// between bars the first one counts whose arguments are all there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kilm/wikitext/article.h"

namespace kilm::wikitext {

// A piece of what a template writes: plain text, an argument to be rendered with its links, or the end of a paragraph.
struct TemplatePiece {
  enum class Kind { text, argument, paragraph } kind = Kind::text;
  std::string text;
  size_t argument = 0;  // index into TemplateCall::arguments
};

struct TemplateCall {
  struct Argument {
    std::string name;  // "1", "2", … for those without
    size_t begin = 0, end = 0;
    bool blank = false;
    bool named = false;
    bool parameter = false;                    // {{{1}}} and no more: the page has no arguments, but it is not empty
    mutable std::optional<Paragraph> written;  // with its links, once it was read as text
  };
  std::string name;           // as it is written
  std::string_view language;  // of the wiki, as of Site
  std::vector<Argument> arguments;
  std::function<std::string(const Argument&)> plain;  // as text without links
  std::function<bool(const Argument&)> fails;         // whether it writes the error of an expression
  std::function<bool()> in_parentheses;               // whether the call stands in some

  // Returns the argument's index; arguments.size() if it is not there or blank. Of two with one name the last counts.
  size_t find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) < arguments.size(); }
  std::string text(std::string_view name) const;  // empty if it is not there
};

enum class TemplateRole { words, silent, note, disambiguation, short_description, unknown };

// Returns the form under which the table knows a name: lower case, single spaces, without the namespace.
std::string template_name(std::string_view raw);

// Returns what a template is for on a wiki of `language`. `name` is a template_name().
TemplateRole template_role(std::string_view name, std::string_view language);

// Returns what a template with the role `words` writes, which may be nothing; null if its arguments do not fit.
std::optional<std::vector<TemplatePiece>> expand_template(std::string_view name, const TemplateCall& call);

}  // namespace kilm::wikitext
