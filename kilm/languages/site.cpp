#include "kilm/languages/site.h"

#include <algorithm>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::languages {

namespace {

// Codes that wikis are named by, or once were, and the one of the language.
struct Other {
  std::string_view code, language;
};
constexpr Other kOthers[] = {{"simple", "en"}, {"no", "nb"},   {"als", "gsw"},
                             {"bat", "sgs"},   {"fiu", "vro"}, {"eml", "egl"}};

std::string first_part(std::string_view code) {
  const std::string lower = text::lower_case(code.substr(0, code.find_first_of("-_")));
  for (const Other& other : kOthers)
    if (lower == other.code) return std::string(other.language);
  return lower;
}

std::string language_of_code(std::string_view code) {
  const std::string lower = first_part(code);
  const bool letters = std::all_of(lower.begin(), lower.end(), text::is_lower);
  return letters && (lower.size() == 2 || lower.size() == 3) ? lower : "";
}

// Finds the language in the name of a database: dewiki, zh_yuewiktionary.
std::string language_of_database(std::string_view name) {
  for (const std::string_view kind : {"wiktionary", "wikiquote", "wikibooks", "wikinews", "wikisource", "wikiversity",
                                      "wikivoyage", "wikimedia", "wiki"})
    if (name.ends_with(kind)) return language_of_code(name.substr(0, name.size() - kind.size()));
  return "";
}

// Finds the language in an address: https://de.wikipedia.org/wiki/Hauptseite, https://mill.fandom.com/de/wiki/Start.
std::string language_of_address(std::string_view address) {
  const size_t scheme = address.find("//");
  if (scheme == text::kNone) return "";
  address.remove_prefix(scheme + 2);
  const size_t slash = std::min(address.find('/'), address.size());
  const std::string_view host = address.substr(0, slash), path = address.substr(slash);
  if (host.ends_with(".fandom.com") || host.ends_with(".wikia.com") || host.ends_with(".wikia.org")) {
    const size_t end = path.find('/', 1);
    const std::string language = end == text::kNone ? "" : language_of_code(path.substr(1, end - 1));
    return language.empty() ? "en" : language;
  }
  const bool own_host = host.find('.') == host.rfind('.') || host.starts_with("www.");
  return own_host ? "" : language_of_code(host.substr(0, host.find('.')));
}

std::string language_of(const SiteInfo& info) {
  if (!info.language.empty()) return first_part(info.language);
  const std::string language = language_of_database(info.database);
  return language.empty() ? language_of_address(info.base) : language;
}

}  // namespace

Site site_of(const SiteInfo& info) {
  Site site;
  site.language = language_of(info);
  site.name = info.name;
  site.namespaces.add_language(site.language);
  for (const auto& [key, name] : info.namespaces)
    if (!name.empty()) site.namespaces.add(int(key), name);
  site.first_letter = info.case_sensitive ? FirstLetter::as_written : first_letter_of(site.language);
  return site;
}

}  // namespace kilm::languages
