// The third pass over wikitext: writes the prose of a page and jumps over what is left out. One walk over the lines,
// and a call of itself for what stands in links, templates and arguments. Each file has the members of one idea.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "kilm/languages/link_letters.h"
#include "kilm/languages/site.h"
#include "kilm/wikitext/article.h"
#include "kilm/wikitext/page_text.h"
#include "kilm/wikitext/prose.h"
#include "kilm/wikitext/templates.h"

namespace kilm::wikitext {

// Members that take `at` handle what begins there and return the byte behind it, if they return a size.
class Parser {
 public:
  // Takes a page; paragraphs and omissions go to `article`. `title` and `site` must outlive the parser.
  Parser(std::string text, Brackets brackets, const languages::Site& site, std::string_view title, Article& article)
      : page_(std::move(text), std::move(brackets)),
        site_(site),
        letters_(site.language),
        title_(title),
        article_(article) {}

  void run();

 private:
  // lines.cpp: what begins a line decides what it is, and lines become paragraphs.
  size_t line(size_t at);
  size_t leave_out_line(size_t at, Omission omission);
  size_t heading(size_t at);  // 0 if the line is none
  bool template_writes_words(size_t at);
  void end_paragraph();
  void end_section();
  void end_block();
  void leave_out_block(Omission omission);
  void drop_lead_in_to_block();
  bool announces_next() const;

  // inline.cpp: what stands inside of lines.
  size_t write(size_t at, size_t end, bool one_line = false);
  size_t sign(size_t at, size_t end);
  size_t opening(size_t at);
  size_t literal(size_t at);
  size_t stray(size_t at);
  void leave_out(Omission omission);
  void leave_out_word();
  size_t apostrophes(size_t at);
  size_t character_reference(size_t at);
  size_t magic_word(size_t at);
  bool may_be_magic_word(std::string_view name, size_t at, size_t after) const;
  size_t variant(size_t at);
  Paragraph written(size_t begin, size_t end);
  std::string plain(size_t begin, size_t end) { return written(begin, end).text; }

  // Calls `read`, and returns whether a word was missing in what it read with written() or plain().
  template <class F>
  bool lacks_word(F&& read) {
    const bool outer = std::exchange(plain_lacks_word_, false);
    read();
    return std::exchange(plain_lacks_word_, outer);
  }

  // html.cpp
  struct HtmlTag;
  size_t tag(size_t at, size_t end);
  HtmlTag tag_at(size_t at, size_t end);
  size_t behind_reading(size_t at, size_t end);
  size_t raised_or_lowered(const std::string& name, size_t at, size_t begin);
  bool ends_number(size_t at) const;

  // links.cpp
  size_t link(size_t at);
  size_t open_link(size_t at);
  size_t behind_caption(size_t at);
  std::string written_target(size_t begin, size_t end);
  void surface(size_t begin, size_t bar, size_t close, std::string_view raw, bool broken);
  void external(size_t begin, size_t end);
  size_t bare_address(size_t at, size_t end);
  size_t address_end(size_t at, size_t end);

  // calls.cpp: templates, parser functions, variables, parameters.
  enum class Names { lower, written };  // how names of arguments are read; those of parser functions as they are
  void template_call(size_t at);
  size_t behind_template(size_t at);
  void parameter(size_t at);
  void write_call(size_t at, TemplateRole role, const std::string& name, size_t bar, Names names);
  bool variable(std::string_view raw);
  void leave_out_unknown(size_t at, const std::string& name);
  bool is_block(size_t at);
  void find_run(size_t at);
  TemplateCall call(const std::string& name, size_t bar, size_t close, Names names);
  bool is_parameter(std::string_view inside);
  const Paragraph& written(const TemplateCall::Argument& argument);
  bool fails(const TemplateCall::Argument& argument);
  void template_words(size_t at, const std::string& name, TemplateCall&& call, Names names);
  void write_argument(const TemplateCall::Argument& argument);
  void short_description(const TemplateCall& call);

  PageText page_;
  const languages::Site& site_;
  const languages::LinkLetters letters_;
  const std::string_view title_;
  Article& article_;
  int depth_ = 0;

  Prose prose_;                     // the paragraph in the making
  Prose* out_ = &prose_;            // what is written to: it, or the text of an argument
  size_t line_begin_ = 0;           // size of the prose where the line began
  size_t run_end_ = 0;              // behind the last templates in a row that find_run() saw
  bool plain_lacks_word_ = false;   // there was a hole in what written() read
  bool expression_failed_ = false;  // there was arithmetic that has no value
  bool inside_link_ = false;
  std::string section_;
  bool leans_ = false;     // the last paragraph is of this section and may lean on what comes
  bool broken_ = false;    // something was left out behind it that what comes may lean on
  size_t tail_level_ = 0;  // of the heading that began a tail section, 0 outside of one
};

}  // namespace kilm::wikitext
