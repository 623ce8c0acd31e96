#include "kilm/wikitext/omissions.h"

namespace kilm::wikitext {

const char* name(Omission omission) {
  switch (omission) {
    case Omission::comment: return "comment";
    case Omission::reference: return "reference";
    case Omission::template_: return "template";
    case Omission::table: return "table";
    case Omission::image: return "image";
    case Omission::gallery: return "gallery";
    case Omission::category: return "category";
    case Omission::interwiki: return "interwiki";
    case Omission::url: return "url";
    case Omission::formula: return "formula";
    case Omission::code: return "code";
    case Omission::list_item: return "list_item";
    case Omission::indented: return "indented";
    case Omission::tail: return "tail";
    case Omission::sentence: return "sentence";
    case Omission::tag: return "tag";
    case Omission::magic_word: return "magic_word";
    case Omission::stray: return "stray";
    case Omission::too_much: return "too_much";
    case Omission::missed: return "missed";
  }
  return "";
}

void OmissionSum::Kind::add(int64_t n, const std::string& title) {
  if (count == 0 && n > 0) page = title;
  count += n;
}

void OmissionSum::add(const Omissions& omissions, const std::string& title) {
  for (size_t i = 0; i < kinds.size(); ++i) kinds[i].add(omissions.count[i], title);
  for (const auto& [name, n] : omissions.templates) templates[name].add(n, title);
}

}  // namespace kilm::wikitext
