// What stands in braces: templates, parser functions, variables and parameters. What they write is the business of
// templates.h and parser_functions.h; here their arguments are found, and the outcome becomes prose.
#include <algorithm>
#include <optional>
#include <vector>

#include "kilm/languages/title.h"
#include "kilm/languages/variables.h"
#include "kilm/text/character_references.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"
#include "kilm/wikitext/parser.h"
#include "kilm/wikitext/parser_functions.h"
#include "kilm/wikitext/strip.h"

namespace kilm::wikitext {

namespace {

constexpr size_t kMaxName = 200;  // bytes of the name of a template
constexpr int kTemplates = 10;    // the namespace of templates

}  // namespace

void Parser::template_call(size_t at) {
  const size_t begin = at + 2, close = page_.brackets.close(at);
  const size_t bar = page_.find(begin, close, '|');
  const size_t colon = page_.find(begin, std::min(bar, begin + kMaxName), ':');
  const bool has_colon = colon < bar && page_.text[colon] == ':';
  if (has_colon) {
    std::string function = text::lower_case(trimmed(page_.view(begin, colon)));
    if (function == "#tag" || function == "#invoke")
      function += ":" + text::lower_case(trimmed(page_.view(colon + 1, bar)));
    if (const std::optional<TemplateRole> role = parser_function_role(function))
      return write_call(at, *role, function, colon, Names::written);
  }
  std::string_view raw = trimmed(page_.view(begin, bar));
  if (bar == close && variable(raw)) return;
  if (has_colon && site_.namespaces.find(trimmed(page_.view(begin, colon))) == kTemplates)
    raw = trimmed(page_.view(colon + 1, bar));
  const bool nameless = raw.size() > kMaxName || raw.find_first_of("[]{}<>\x03") != text::kNone;
  const std::string name = nameless ? "" : template_name(raw);
  write_call(at, template_role(name, site_.language), name, bar, Names::lower);
}

// Returns what is behind the template at `at`. The third brace of a box that ends in }}} is no text.
size_t Parser::behind_template(size_t at) {
  const size_t after = page_.brackets.after(at);
  const bool begins_line = at == 0 || page_.text[at - 1] == '\n';
  return begins_line && page_.at_text(after, "}") && page_.alone_on_line(at, after + 1) ? stray(after) - 1 : after;
}

// Writes a of {{{1|a}}}: a page has no arguments.
void Parser::parameter(size_t at) {
  const size_t close = page_.brackets.close(at), bar = page_.find(at + 3, close, '|');
  if (bar == close) return leave_out(Omission::template_);
  write(bar + 1, page_.find(bar + 1, close, '|'));
}

// Writes the template or parser function at `at`, whose arguments begin behind `bar`. One that nobody closed may have
// the rest of its sentence in it.
void Parser::write_call(size_t at, TemplateRole role, const std::string& name, size_t bar, Names names) {
  const size_t close = page_.brackets.close(at);
  if (page_.text[close - 1] == kCut && role != TemplateRole::words && role != TemplateRole::short_description) {
    article_.omissions.add(Omission::template_);
    return leave_out_word();
  }
  switch (role) {
    case TemplateRole::words: return template_words(at, name, call(name, bar, close, names), names);
    case TemplateRole::short_description: return short_description(call(name, bar, close, names));
    case TemplateRole::note: return leave_out(Omission::reference);
    case TemplateRole::silent: return leave_out(Omission::template_);
    case TemplateRole::disambiguation: article_.disambiguation = true; return leave_out(Omission::template_);
    case TemplateRole::unknown: return leave_out_unknown(at, name);
  }
}

// Writes what a variable stands for; false if `raw` is none. {{PAGENAME:x}} asks for another page.
bool Parser::variable(std::string_view raw) {
  const size_t colon = std::min(raw.find(':'), raw.size());
  const languages::Variable kind = languages::variable_of(trimmed(raw.substr(0, colon)));
  if (kind == languages::Variable::none) return false;
  const std::string title =
      colon < raw.size() ? languages::normalise_title(raw.substr(colon + 1), site_.first_letter) : std::string(title_);
  const bool known = colon == raw.size() || !site_.namespaces.find(std::string_view(title).substr(0, title.find(':')));
  if (kind == languages::Variable::title && known && !title.empty()) {
    out_->text(title);
  } else if (kind == languages::Variable::address && known && !title.empty()) {
    out_->text(languages::title_in_address(title));
  } else if (kind == languages::Variable::site_name && !site_.name.empty()) {
    out_->text(site_.name);
  } else if (kind == languages::Variable::namespace_ && colon == raw.size()) {
    leave_out(Omission::template_);
  } else {
    article_.omissions.add(Omission::template_);
    ++article_.omissions.templates[text::lower_case(raw)];
    out_->hole();
  }
  return true;
}

// Leaves out a template in whose place a word of the sentence may have stood. A block is a box or a notice, or what a
// colon before it announces.
void Parser::leave_out_unknown(size_t at, const std::string& name) {
  article_.omissions.add(Omission::template_);
  if (out_ == &prose_ && is_block(at)) {
    if (prose_.empty() && announces_next()) drop_lead_in_to_block();
    if (!prose_.ends_in_colon()) return out_->gap();
  }
  ++article_.omissions.templates[name];
  out_->hole();
}

// Tells whether the unknown template at `at` stands between sentences. One at the end of a line does. One at its start
// does if it has several lines, or if bold text follows, which names what the article is about.
bool Parser::is_block(size_t at) {
  if (!prose_.ends_sentence()) return false;
  const bool begins_line = prose_.seen() <= line_begin_;
  if (at >= run_end_) find_run(at);
  if (run_end_ == page_.text.size() || page_.text[run_end_] == '\n') return true;
  if (!begins_line) return false;
  const std::string_view inside = page_.view(at, page_.brackets.close(at));
  page_.work += int64_t(inside.size());
  return page_.at_text(run_end_, "'''") || inside.find('\n') != text::kNone;
}

// Finds the end of the templates from `at` on that have nothing but spaces between them.
void Parser::find_run(size_t at) {
  run_end_ = at;
  while (run_end_ < page_.text.size()) {
    ++page_.work;
    const char c = page_.text[run_end_];
    if (page_.brackets.kind(run_end_) == Bracket::template_) {
      run_end_ = page_.brackets.after(run_end_);
    } else if (c == ' ' || is_left_out(c)) {
      ++run_end_;
    } else {
      break;
    }
  }
}

// Finds the arguments between the bars of [bar, close), the first behind `bar` itself. Of parser functions, only
// {{#switch:…}} has names.
TemplateCall Parser::call(const std::string& name, size_t bar, size_t close, Names names) {
  TemplateCall call;
  call.language = site_.language;
  call.in_parentheses = [this] { return out_->in_parentheses(); };
  call.plain = [this](const TemplateCall::Argument& a) { return written(a).text; };
  call.fails = [this](const TemplateCall::Argument& a) { return fails(a); };
  const bool function = names == Names::written, has_names = !function || name == "#switch";
  int positional = 0;
  for (size_t at = bar; at < close;) {
    const size_t begin = at + 1, end = page_.find(begin, close, '|');
    const size_t equals = has_names && !(function && at == bar) ? page_.find(begin, end, '=') : end;
    TemplateCall::Argument argument{.begin = equals < end ? equals + 1 : begin, .end = end, .named = equals < end};
    const std::string_view left = trimmed(page_.view(begin, equals));
    argument.name = !argument.named ? std::to_string(++positional)
                    : function      ? std::string(left)
                                    : text::lower_case(left);
    const std::string_view inside = trimmed(page_.view(argument.begin, end));
    argument.blank = inside.empty();
    argument.parameter = !argument.blank && is_parameter(inside);
    call.arguments.push_back(std::move(argument));
    at = end;
  }
  return call;
}

// Tells whether all of an argument is {{{1}}}, which has no other value.
bool Parser::is_parameter(std::string_view inside) {
  const size_t at = size_t(inside.data() - page_.text.data());
  return page_.brackets.kind(at) == Bracket::parameter && page_.brackets.after(at) == at + inside.size() &&
         inside.find('|') == text::kNone;
}

// Reads an argument once, whoever asks for it: functions inside of each other ask twice each.
const Paragraph& Parser::written(const TemplateCall::Argument& argument) {
  if (!argument.written) argument.written = written(argument.begin, argument.end);
  return *argument.written;
}

bool Parser::fails(const TemplateCall::Argument& argument) {
  const bool before = plain_lacks_word_, outer = std::exchange(expression_failed_, false);
  written(argument);
  const bool failed = std::exchange(expression_failed_, outer);
  if (failed) plain_lacks_word_ = before;
  return failed;
}

void Parser::template_words(size_t at, const std::string& name, TemplateCall&& call, Names names) {
  const size_t begin = at + 2, end = page_.find(begin, page_.brackets.close(at), '|');
  call.name = text::decode_character_references(trimmed(page_.view(begin, end)));
  std::replace(call.name.begin(), call.name.end(), '_', ' ');
  std::optional<std::vector<TemplatePiece>> pieces;
  const bool incomplete = lacks_word(
      [&] { pieces = names == Names::written ? expand_parser_function(name, call) : expand_template(name, call); });
  if (!pieces && !incomplete && (name == "#expr" || name == "#ifexpr")) expression_failed_ = true;
  if (!pieces || incomplete) {
    if (out_->ends_in_word()) out_->text(" ");  // it is no note
    return leave_out_unknown(at, name);
  }
  if (pieces->empty()) return leave_out(Omission::template_);
  for (const TemplatePiece& piece : *pieces) {
    switch (piece.kind) {
      case TemplatePiece::Kind::text: out_->text(piece.text); break;
      case TemplatePiece::Kind::argument: write_argument(call.arguments[piece.argument]); break;
      case TemplatePiece::Kind::paragraph: end_block(); break;
    }
  }
}

void Parser::write_argument(const TemplateCall::Argument& argument) {
  if (argument.written) return out_->append(*argument.written);
  const std::string_view inner = trimmed(page_.view(argument.begin, argument.end));
  const size_t begin = size_t(inner.data() - page_.text.data());
  write(begin, begin + inner.size());
}

void Parser::short_description(const TemplateCall& call) {
  std::string text;
  const bool incomplete = lacks_word([&] { text = call.text("1"); });
  if (article_.short_description.empty() && !incomplete && text::lower_case(text) != "none")
    article_.short_description = std::move(text);
  out_->gap();
}

}  // namespace kilm::wikitext
