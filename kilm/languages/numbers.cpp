#include "kilm/languages/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "kilm/text/characters.h"

namespace kilm::languages {

namespace {

struct Separators {
  std::string_view languages;
  const char *thousands, *point;
  size_t smallest;  // digits from which on a number is grouped
};
constexpr Separators kSeparators[] = {
    {" en simple ja zh ko th he ms ", ",", ".", 4},
    {" de nl da id tr el ro vi hr sr gl ", ".", ",", 4},
    {" it ca eu ", ".", ",", 4},
    {" es pt ", " ", ",", 5},
    {" pl ", " ", ",", 5},
    {" fr sv ru uk cs sk no nb nn fi hu bg be et lv lt eo ", " ", ",", 4},
};

const Separators* separators(std::string_view language) {
  const std::string key = " " + std::string(language) + " ";
  const auto found = std::find_if(std::begin(kSeparators), std::end(kSeparators),
                                  [&](const Separators& s) { return s.languages.find(key) != text::kNone; });
  return found == std::end(kSeparators) ? nullptr : found;
}

struct Months {
  std::string_view languages;
  std::array<const char*, 12> names;
  const char *behind_day, *behind_month;  // 1. Januar 1900, 1 de enero de 1900
};
constexpr Months kMonths[] = {
    {" en simple ",
     {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December"},
     " ",
     " "},
    {" fr ",
     {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
      "décembre"},
     " ",
     " "},
    {" de ",
     {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
      "Dezember"},
     ". ",
     " "},
    {" es ",
     {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
      "diciembre"},
     " de ",
     " de "},
    {" pt ",
     {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
      "dezembro"},
     " de ",
     " de "},
    {" it ",
     {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
      "novembre", "dicembre"},
     " ",
     " "},
    {" nl ",
     {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
      "december"},
     " ",
     " "},
    {" sv ",
     {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november",
      "december"},
     " ",
     " "},
    {" da ",
     {"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november",
      "december"},
     ". ",
     " "},
    {" no nb nn ",
     {"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
      "desember"},
     ". ",
     " "},
    {" ca ",
     {"de gener", "de febrer", "de març", "d'abril", "de maig", "de juny", "de juliol", "d'agost", "de setembre",
      "d'octubre", "de novembre", "de desembre"},
     " ",
     " del "},
    {" pl ",
     {"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
      "listopada", "grudnia"},
     " ",
     " "},
    {" cs ",
     {"ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu",
      "prosince"},
     ". ",
     " "},
    {" ru ",
     {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
      "декабря"},
     " ",
     " "},
    {" uk ",
     {"січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня", "жовтня", "листопада",
      "грудня"},
     " ",
     " "},
    {" ar ",
     {"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
     " ",
     " "},
    {" fa ",
     {"ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"},
     " ",
     " "},
    {" tr ",
     {"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"},
     " ",
     " "},
    {" id ",
     {"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
      "Desember"},
     " ",
     " "},
    {" fi ",
     {"tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta", "heinäkuuta", "elokuuta",
      "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"},
     ". ",
     " "},
    {" vi ",
     {"tháng 1", "tháng 2", "tháng 3", "tháng 4", "tháng 5", "tháng 6", "tháng 7", "tháng 8", "tháng 9", "tháng 10",
      "tháng 11", "tháng 12"},
     " ",
     " năm "},
};

const Months* months(std::string_view language) {
  const std::string key = " " + std::string(language) + " ";
  const auto found = std::find_if(std::begin(kMonths), std::end(kMonths),
                                  [&](const Months& m) { return m.languages.find(key) != text::kNone; });
  return found == std::end(kMonths) ? nullptr : found;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), text::is_digit);
}

std::string without_zero(std::string_view number) {
  return std::string(number.substr(number.size() == 2 && number[0] == '0'));
}

// Writes a date of Chinese, Japanese or Korean, which count their months.
std::string counted_date(std::string_view year, std::string_view month, std::string_view day, bool korean) {
  std::string date;
  const auto add = [&](std::string_view number, const char* han, const char* hangul) {
    if (number.empty()) return;
    date += (korean && !date.empty() ? " " : "") + without_zero(number) + (korean ? hangul : han);
  };
  add(year, "年", "년");
  add(month, "月", "월");
  add(day, "日", "일");
  return date;
}

}  // namespace

std::string grouped_number(std::string number, std::string_view language) {
  const size_t begin = number.starts_with("−") ? 3 : number.starts_with('-') || number.starts_with('+');
  const size_t point = std::min(number.find('.'), number.size());
  const Separators* const signs = separators(language);
  const bool plain = number.find_first_not_of("0123456789.", begin) == text::kNone &&
                     number.find('.', std::min(point + 1, number.size())) == text::kNone;
  if (signs == nullptr || !plain) return number;
  if (point < number.size()) number.replace(point, 1, signs->point);
  if (point - begin >= std::max<size_t>(signs->smallest, 4))
    for (size_t at = point; at > begin + 3;) number.insert(at -= 3, signs->thousands);
  return number;
}

std::string plain_number(std::string number, std::string_view language) {
  const Separators* const signs = separators(language);
  const char thousands = signs == nullptr ? ',' : signs->thousands[0], point = signs == nullptr ? '.' : signs->point[0];
  std::erase(number, thousands);
  std::replace(number.begin(), number.end(), point, '.');
  return number;
}

std::optional<std::string> month_name(std::string_view month, std::string_view language) {
  if (!all_digits(month)) return month.empty() ? std::nullopt : std::optional<std::string>(month);
  const Months* const names = months(language);
  int n = 0;
  std::from_chars(month.data(), month.data() + month.size(), n);
  if (names == nullptr || n < 1 || n > 12) return {};
  return names->names[size_t(n - 1)];
}

std::optional<std::string> written_date(std::string_view year, std::string_view month, std::string_view day,
                                        std::string_view language) {
  if (month.empty()) return day.empty() && !year.empty() ? std::optional<std::string>(year) : std::nullopt;
  if (language == "ja" || language == "zh" || language == "ko") {
    if (!all_digits(month)) return {};
    return counted_date(year, month, day, language == "ko");
  }
  const std::optional<std::string> name = month_name(month, language);
  if (!name) return {};
  const Months* const words = months(language);
  std::string date = without_zero(day);
  if (language == "fr" && date == "1") date += "er";
  if (!date.empty()) date += words != nullptr ? words->behind_day : " ";
  date += *name;
  if (!year.empty()) date += (words != nullptr ? words->behind_month : " ") + std::string(year);
  return date;
}

}  // namespace kilm::languages
