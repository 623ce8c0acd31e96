// A paragraph while it is written. White space becomes single spaces as it comes, and invisible characters go. Where
// something was left out, the punctuation around the gap is put right at the end. "Foo (; born 1 May)" with a gap
// before the semicolon becomes "Foo (born 1 May)". Where a word of the sentence may be missing, the sentence goes: "The
// sum is , where"; inside of parentheses only they do. Text without gaps is never touched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kilm/wikitext/article.h"

namespace kilm::wikitext {

class Prose {
 public:
  void text(std::string_view plain);     // UTF-8
  bool take_back(std::string_view end);  // whether the text ended with it; it is gone then
  void gap();                            // something was left out that the sentence does without
  void hole();                           // something was left out that may have been a word, if it stands like one

  // Takes `prefix` into the link, if that is what the text ends with and no link has taken it.
  void begin_link(std::string_view prefix = {});
  // Makes a link of what came since begin_link(), without the spaces at its ends; none if no text is left.
  void end_link(std::string target);
  void append(const Paragraph& written);  // text that another prose finished, with its links

  bool empty() const { return text_.empty(); }
  size_t size() const { return text_.size(); }
  // Tells whether a colon comes last. This and what follows look past spaces and what was left out.
  bool ends_in_colon() const;
  bool ends_sentence() const;            // whether one has ended, or none has begun
  size_t seen() const { return seen_; }  // size without them
  bool has_hole() const;
  bool ends_in_word() const;    // in a letter or digit
  bool in_parentheses() const;  // whether one that is open stands not far before
  // Returns the finished text with its links; the prose is empty afterwards. Sentences with holes are not in it. A
  // language tells where they end, English if it is empty.
  Paragraph take(std::string_view language = {});
  int64_t dropped_sentences() const { return dropped_; }  // by the last take()
  bool dropped_first() const { return dropped_first_; }   // whether the first sentence was one of them
  // Returns the same with the sentences around holes: for what is no sentence.
  Paragraph take_all();

 private:
  void space();
  Paragraph finish(bool mark_holes);

  std::string text_;  // with gaps and holes
  size_t seen_ = 0;   // size behind the last sign that is no space
  size_t link_begin_ = 0;
  std::vector<WikiLink> links_;
  int64_t dropped_ = 0;
  bool dropped_first_ = false;
};

}  // namespace kilm::wikitext
