#include "kilm/languages/title.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "kilm/languages/namespace_names.h"
#include "kilm/text/character_references.h"
#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::languages {

namespace {

struct Alias {
  int key;
  const char* name;
};

// English, which every wiki understands.
constexpr Alias kEnglish[] = {
    {-2, "Media"},         {-1, "Special"},       {1, "Talk"},          {2, "User"},
    {3, "User talk"},      {4, "Wikipedia"},      {4, "Project"},       {4, "WP"},
    {5, "Wikipedia talk"}, {5, "Project talk"},   {6, "File"},          {6, "Image"},
    {7, "File talk"},      {7, "Image talk"},     {8, "MediaWiki"},     {9, "MediaWiki talk"},
    {10, "Template"},      {11, "Template talk"}, {12, "Help"},         {13, "Help talk"},
    {14, "Category"},      {15, "Category talk"}, {100, "Portal"},      {101, "Portal talk"},
    {108, "Book"},         {109, "Book talk"},    {118, "Draft"},       {119, "Draft talk"},
    {710, "TimedText"},    {828, "Module"},       {829, "Module talk"},
};

constexpr const char* kRedirectWords[] = {"redirect",
                                          "weiterleitung",
                                          "redirection",
                                          "redirección",
                                          "redireccion",
                                          "redirecionamento",
                                          "rinvia",
                                          "rinvio",
                                          "doorverwijzing",
                                          "patrz",
                                          "przekieruj",
                                          "tam",
                                          "перенаправление",
                                          "перенапр",
                                          "перенаправлення",
                                          "пренасочване",
                                          "преусмери",
                                          "転送",
                                          "リダイレクト",
                                          "重定向",
                                          "넘겨주기",
                                          "تحويل",
                                          "تغییر_مسیر",
                                          "تغییرمسیر",
                                          "הפניה",
                                          "omdirigering",
                                          "omdirigér",
                                          "ohjaus",
                                          "uudelleenohjaus",
                                          "presmeruj",
                                          "přesměruj",
                                          "átirányítás",
                                          "yönlendirme",
                                          "yönlendir",
                                          "đổi",
                                          "alih",
                                          "redirecteaza",
                                          "ανακατευθυνση",
                                          "ανακατεύθυνση",
                                          "birzuzendu",
                                          "aýdaw",
                                          "पुनर्प्रेषित",
                                          "เปลี่ยนทาง",
                                          "suuna",
                                          "peradresavimas",
                                          "preusmeritev"};

constexpr char kAtHome = '~';  // before a name that only wikis of its language know

template <typename F>
void for_names(std::string_view list, const F& f) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    f(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Decodes %C3%A9 to é; text whose codes are no UTF-8 stays as it is.
std::string decode_percent(std::string_view text) {
  if (text.find('%') == text::kNone) return std::string(text);
  std::string result;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool code =
        text[at] == '%' && at + 2 < text.size() && hexadecimal(text[at + 1]) >= 0 && hexadecimal(text[at + 2]) >= 0;
    if (code) {
      result += char(hexadecimal(text[at + 1]) * 16 + hexadecimal(text[at + 2]));
      at += 2;
    } else {
      result += text[at];
    }
  }
  return text::is_utf8(result) ? result : std::string(text);
}

// White space to MediaWiki: _ and everything Unicode calls a space. Marks of direction have no place in a title.
enum class Role : uint8_t { space, mark, other };
Role role(int32_t c) {
  if (c == '_' || c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xA0 || c == 0x1680 || c == 0x3000 ||
      (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F)
    return Role::space;
  return c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || c == 0xFEFF ? Role::mark : Role::other;
}

std::string single_spaced(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool space = false;
  for (size_t at = 0; at < text.size();) {
    int32_t c = static_cast<unsigned char>(text[at]);
    size_t length = 1;
    if (c >= 0x80) {
      const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
      const auto n = utf8proc_iterate(bytes, utf8proc_ssize_t(text.size() - at), &c);
      length = n > 0 ? size_t(n) : 1;
    }
    const Role r = role(c);
    if (r == Role::space) {
      space = true;
    } else if (r == Role::other) {
      if (space && !result.empty()) result += ' ';
      space = false;
      result += text.substr(at, length);
    }
    at += length;
  }
  return result;
}

size_t skip_space(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) ++at;
  return at;
}

bool is_redirect_word(std::string_view word) {
  const std::string lower = text::lower_case(word);
  return std::find(std::begin(kRedirectWords), std::end(kRedirectWords), lower) != std::end(kRedirectWords);
}

}  // namespace

void Namespaces::add(int key, std::string_view name) {
  if (!name.empty()) keys_[text::lower_case(single_spaced(name))] = key;
}

void Namespaces::add_language(std::string_view language) {
  for (size_t i = 0; i < kNamespaceLanguages; ++i) {
    if (kNamespaceNames[i].language != language) continue;
    const auto& names = kNamespaceNames[i].names;
    const std::pair<int, std::string_view> all[] = {
        {kFile, names.file}, {kCategory, names.category}, {2, names.user},  {1, names.talk}, {10, names.template_},
        {12, names.help},    {-1, names.special},         {-2, names.media}};
    for (const auto& pair : all)  // a lambda cannot take a structured binding with every compiler
      for_names(pair.second, [&](std::string_view name) { add(pair.first, name.substr(name.starts_with(kAtHome))); });
  }
}

std::optional<int> Namespaces::find(std::string_view prefix) const {
  if (prefix.size() > 100) return {};  // no namespace has such a name, and hostile text may ask often
  const std::string name = text::lower_case(single_spaced(prefix));
  for (const Keys* keys : {&keys_, &known_everywhere()})
    if (const auto found = keys->find(name); found != keys->end()) return found->second;
  return {};
}

// Returns English names, and those of files and categories in any language: what is copied between wikis keeps them.
const Namespaces::Keys& Namespaces::known_everywhere() {
  static const Keys table = [] {
    Namespaces result;
    const auto add_all = [&](int key, std::string_view list) {
      for_names(list, [&](std::string_view name) {
        if (!name.starts_with(kAtHome)) result.add(key, name);
      });
    };
    for (size_t i = 0; i < kNamespaceLanguages; ++i) {
      add_all(kFile, kNamespaceNames[i].names.file);
      add_all(kCategory, kNamespaceNames[i].names.category);
    }
    for (const Alias& alias : kEnglish) result.add(alias.key, alias.name);
    return std::move(result.keys_);
  }();
  return table;
}

FirstLetter first_letter_of(std::string_view language) {
  for (const std::string_view dotted : {"tr", "az", "kaa", "gag"})
    if (language == dotted) return FirstLetter::upper_turkic;
  return FirstLetter::upper;
}

// Makes the first letter a capital. MediaWiki knows none for ß, and letters such as ǆ have a title case of their own.
std::string upper_first(std::string text, FirstLetter rule) {
  if (text.empty() || rule == FirstLetter::as_written) return text;
  if (text[0] == 'i' && rule == FirstLetter::upper_turkic) return "İ" + text.substr(1);
  if (!text::is_beyond_ascii(text[0])) {
    if (text::is_lower(text[0])) text[0] = char(text[0] - 'a' + 'A');
    return text;
  }
  const size_t length = std::min(text::utf8_length(static_cast<unsigned char>(text[0])), text.size());
  const std::string first = text.starts_with("ß") ? "ß" : text::title_case(std::string_view(text).substr(0, length));
  return first + text.substr(length);
}

std::string normalise_title(std::string_view raw, FirstLetter rule) {
  return upper_first(single_spaced(decode_percent(text::decode_character_references(raw))), rule);
}

std::optional<std::string> redirect_target(std::string_view wikitext, FirstLetter rule) {
  if (wikitext.substr(0, 3) == "\xEF\xBB\xBF") wikitext.remove_prefix(3);
  const size_t hash = skip_space(wikitext, 0);
  if (hash == wikitext.size() || wikitext[hash] != '#') return {};
  const size_t word_end = wikitext.substr(0, hash + 64).find_first_of(" :[\t\n\r", hash);
  if (word_end == text::kNone || !is_redirect_word(wikitext.substr(hash + 1, word_end - hash - 1))) return {};
  size_t at = skip_space(wikitext, word_end);
  if (at < wikitext.size() && wikitext[at] == ':') at = skip_space(wikitext, at + 1);
  if (wikitext.substr(at, 2) != "[[") return {};
  const size_t end = wikitext.substr(0, at + 1000).find_first_of("|]\n", at + 2);
  if (end == text::kNone || wikitext[end] == '\n') return {};
  std::string title = normalise_title(wikitext.substr(at + 2, end - at - 2), rule);
  title = normalise_title(std::string_view(title).substr(0, title.find('#')), rule);
  if (!title.empty() && title[0] == ':') title = normalise_title(std::string_view(title).substr(1), rule);
  return title.empty() ? std::nullopt : std::optional<std::string>(title);
}

}  // namespace kilm::languages
