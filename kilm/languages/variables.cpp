#include "kilm/languages/variables.h"

#include <algorithm>
#include <unordered_map>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::languages {

namespace {

// In lower case.
constexpr std::string_view kTitle[] = {
    "pagename", "fullpagename", "basepagename", "subpagename", "rootpagename", "subjectpagename", "articlepagename",
    // In the languages of MediaWiki, the title with and without namespace.
    "seitenname", "voller_seitenname", "säitennumm", "sietnaam", "paginanaam", "volledigepaginanaam", "sidnamn",
    "helasidnamnet", "sidenavn", "fulltsidenavn", "sidenamn", "fulltsidenamn", "sivunimi", "kokosivunimi",
    "leheküljenimi", "nompage", "nompagecomplet", "nombredepágina", "nombredepagina", "nombredepáginacompleta",
    "nombredepaginacompleta", "nomedapágina", "nomedapagina", "nomecompletodapágina", "nomecompletodapagina",
    "nomedapáxina", "titolopagina", "nomepagina", "nompàgina", "nompagina", "nomdelaplana", "numepagina", "numepagină",
    "anvpajenn", "anvpajennklok", "paĝnomo", "pagxnomo", "orrialdeizena", "nazwastrony", "pełnanazwastrony",
    "pelnanazwastrony", "názevstrany", "celýnázevstrany", "názovstránky", "imestrani", "imestranice", "imestrane",
    "oldalneve", "oldal_neve", "названиестраницы", "название_страницы", "полное_название_страницы",
    "полноеназваниестраницы", "назвасторінки", "назва_сторінки", "повна_назва_сторінки", "назва_старонкі",
    "именастраницата", "страница", "бетатауы", "bitiseme", "sayfaadi", "sayfaadı", "tamsayfaadi", "tamsayfaadı",
    "ονομασελιδασ", "ονομασελίδας", "ονομασελιδας", "ページ名", "完全なページ名", "フルページ名", "页面名", "頁面名",
    "页名", "頁名", "页面名称", "頁面名稱", "完整页面名", "문서이름", "전체문서이름", "têntrang", "têntrangđủ",
    "namahalaman", "namahalamanpenuh", "اسم_الصفحة", "اسم_صفحة", "نامصفحه", "نام‌صفحه", "نام_صفحه", "دمخ_نوم",
    "שם_הדף", "שם_הדף_המלא", "पृष्ठनाम", "पृष्ठ_नाम", "पाननाव"};

constexpr std::string_view kAddress[] = {"pagenamee",     "fullpagenamee",    "basepagenamee",   "subpagenamee",
                                         "rootpagenamee", "subjectpagenamee", "articlepagenamee"};

constexpr std::string_view kNamespace[] = {"namespace",     "namespacee",   "subjectspace",
                                           "subjectspacee", "articlespace", "articlespacee"};

constexpr std::string_view kUnknown[] = {
    "talkpagename",  "talkpagenamee",       "talkspace",      "talkspacee",       "namespacenumber",  "pageid",
    "pagesize",      "pagelanguage",        "server",         "servername",       "scriptpath",       "stylepath",
    "articlepath",   "contentlanguage",     "contentlang",    "numberofarticles", "numberofpages",    "numberoffiles",
    "numberofusers", "numberofactiveusers", "numberofadmins", "numberofedits",    "numberofviews",    "pagesincategory",
    "pagesincat",    "pagesinnamespace",    "numberingroup",  "protectionlevel",  "cascadingsources", "currentversion"};

// What follows CURRENT, LOCAL and REVISION.
constexpr std::string_view kTimes[] = {"year",        "month", "month1",    "month2", "monthname", "monthnamegen",
                                       "monthabbrev", "day",   "day2",      "dow",    "dayname",   "time",
                                       "hour",        "week",  "timestamp", "id",     "user",      "size"};

using Table = std::unordered_map<std::string, Variable>;

Table make_table() {
  Table table;
  for (const std::string_view name : kTitle) table.emplace(name, Variable::title);
  for (const std::string_view name : kAddress) table.emplace(name, Variable::address);
  for (const std::string_view name : kNamespace) table.emplace(name, Variable::namespace_);
  for (const std::string_view name : kUnknown) table.emplace(name, Variable::unknown);
  for (const char* whose : {"current", "local", "revision"})
    for (const std::string_view time : kTimes) table.emplace(whose + std::string(time), Variable::unknown);
  table.emplace("sitename", Variable::site_name);
  return table;
}

}  // namespace

Variable variable_of(std::string_view name) {
  static const Table table = make_table();
  constexpr size_t kLongest = 64;  // bytes
  if (name.empty() || name.size() > kLongest) return Variable::none;
  std::string key = text::lower_case(name);
  std::replace(key.begin(), key.end(), ' ', '_');
  const auto found = table.find(key);
  return found == table.end() ? Variable::none : found->second;
}

std::string title_in_address(std::string_view title) {
  constexpr std::string_view kHex = "0123456789ABCDEF", kKept = "-_.;@$!*(),/~:";
  std::string address;
  for (const char c : title) {
    if (c == ' ') {
      address += '_';
    } else if (text::is_letter(c) || text::is_digit(c) || kKept.find(c) != text::kNone) {
      address += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      address += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return address;
}

}  // namespace kilm::languages
