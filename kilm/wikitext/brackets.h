// The second pass over wikitext: which bracket closes which. One walk with a stack pairs {{ }}, {{{ }}}, [[ ]], [ ] of
// external links, {| |}, -{ }- and <table> </table>. So the third pass can jump over anything in one step, whatever is
// nested inside. What stays open or closes nothing has no partner. A template with rows of a table below it may have
// begun one ({{table begin}}). If its end follows, the template and all up to there are the table.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kilm::wikitext {

enum class Bracket : uint8_t { none, link, external, template_, parameter, table, html_table, variant };

// What opens and is never closed, though its kind should be: {{ {{{ {| and <table>. A template that is closed behind a
// heading only was never closed before it.
struct OpenBracket {
  size_t at = 0;
  Bracket kind = Bracket::none;
  size_t limit = 0;  // where what is around it ends
};

class Brackets {
 public:
  static constexpr size_t kMaxText = (size_t(1) << 29) - 1;  // bytes; throws Error above
  static constexpr size_t kMaxOpen = 4096;                   // of open(): more are no accident

  explicit Brackets(std::string_view text);

  // Returns what opens at a byte of the text, and close() where what closes it begins; none if it has no partner.
  Bracket kind(size_t at) const { return Bracket(partner_[at] & 7); }
  size_t close(size_t at) const { return partner_[at] >> 3; }
  // Returns the first byte behind the pair that opens at `at`.
  size_t after(size_t at) const { return close(at) + width(kind(at)); }
  // Returns the open brackets in the order in which they begin.
  const std::vector<OpenBracket>& open() const { return open_; }

 private:
  static size_t width(Bracket bracket);  // bytes of what closes it

  std::vector<OpenBracket> open_;
  std::vector<uint32_t> partner_;  // by byte: kind in the lower three bits, place of the partner above
};

}  // namespace kilm::wikitext
