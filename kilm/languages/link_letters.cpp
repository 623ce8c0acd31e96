#include "kilm/languages/link_letters.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "kilm/text/characters.h"

namespace kilm::languages {

namespace {

struct Row {
  std::string_view languages;  // codes with a space between
  std::string_view letters;    // as in brackets of a regular expression; an apostrophe counts where it is a single one
};

constexpr Row kTrails[] = {
    {"zh gan hak hsn ii lzh nan cdo wuu za ami pwn szy tay trv", ""},
    {"de bar dsb frr gsw hrx hsb lb nds pdc pfl stq", "a-zäöüß"},
    {"ksh", "a-zäöüėëĳßəğåůæœç"},
    {"nl li srn vls zea", "a-zäöüïëéèà"},
    {"fy", "a-zàáèéìíòóùúâêîôûäëïöü"},
    {"da kl", "a-zæøå"},
    {"nb nn no", "a-zæøå"},
    {"sv", "a-zåäöéÅÄÖÉ"},
    {"is", "a-záðéíóúýþæö–-"},
    {"fo", "a-záðíóúýæø"},
    {"se", "a-zàáâçčʒǯđðéèêëǧǥȟíìîïıǩŋñóòôõßšŧúùûýÿüžþæøåäö"},
    {"smn", "a-zâčđŋšžäá"},
    {"fi fit", "a-zäö"},
    {"olo", "a-zčČšŠžŽäÄöÖ"},
    {"et vep vro", "a-zäöõšüž"},
    {"lv ltg", "a-zA-ZĀāČčĒēĢģĪīĶķĻļŅņŠšŪūŽž"},
    {"lt sgs", "a-ząčęėįšųūž"},
    {"fr atj bm frc gcr kab kbp ln mg nrm pcd sg ty vi wo", "a-zàâçéèêîôûäëïöüùÇÉÂÊÎÔÛÄËÏÖÜÀÈÙ"},
    {"ff", "a-zàâçéèêîôûäëïöüùÇÉÂÊÎÔÛÄËÏÖÜÀÈÙƁƊŊƝƳɓɗŋɲƴ"},
    {"frp", "a-zàâçéèêîœôû·’æäåāăëēïīòöōùü‘"},
    {"oc", "a-zàâçéèêîôû"},
    {"wa", "a-zåâêîôûçéè"},
    {"br", "a-zA-ZàâçéèêîôûäëïöüùñÇÉÂÊÎÔÛÄËÏÖÜÀÈÙÑ"},
    {"ht", "a-zàèòÀÈÒ"},
    {"ca", "a-zàèéíòóúç·ïü'"},
    {"es an arn ast ay cbk ext gn lad nah qu", "a-záéíóúñ"},
    {"guc", "a-záéíóúüñ"},
    {"pt gl mwl tet", "a-záâãàéêẽçíòóôõq̃úüűũ"},
    {"it co eml fur lij lmo nap pms rgn scn vec", "a-zàéèíîìóòúù"},
    {"ro mo rmy rup", "a-zăâîşţșțĂÂÎŞŢȘȚ"},
    {"cy", "a-zàáâèéêìíîïòóôûŵŷ"},
    {"pl csb szl", "a-zęóąśłżźćńĘÓĄŚŁŻŹĆŃ"},
    {"cs", "a-záčďéěíňóřšťúůýž"},
    {"sk", "a-záäčďéíľĺňóôŕšťúýž"},
    {"sl sh", "a-zčćđžš"},
    {"hr", "a-zčšžćđß"},
    {"bs", "a-zćčžšđ"},
    {"hu", "a-záéíóúöüőűÁÉÍÓÚÖÜŐŰ"},
    {"tr gag", "a-zÇĞçğİıÖöŞşÜüÂâÎîÛû"},
    {"az", "a-zçəğıöşü"},
    {"tk", "a-zÄäÇçĞğŇňÖöŞşÜüÝýŽž"},
    {"crh", "a-zâçğıñöşüа-яё"},
    {"uz", "a-zʻʼ"},
    {"kaa", "a-zıʼ’'"},
    {"ku", "a-zçêîşûẍḧÇÊÎŞÛẌḦ"},
    {"ru koi krc kum kv mdf mhr mn mrj myv tyv xal bxr", "a-zа-яё"},
    {"uk rue", "a-zабвгґдеєжзиіїйклмнопрстуфхцчшщьєюяёъы"},
    {"be", "a-zабвгґджзеёжзійклмнопрстуўфхцчшыьэюяćčłńśšŭźž"},
    {"bg", "a-zа-ъьюя"},
    {"mk", "a-zабвгдѓежзѕијклљмнњопрстќуфхцчџш"},
    {"sr", "a-zđćčšžабвгдђежзијклљмнњопрстћуфхцчџш"},
    {"ady av ce inh kbd lez lbe", "a-zа-яёӀ"},
    {"ab", "a-zабвгӷҕдежзӡикқҟлмнопԥҧрстҭуфхҳцҵчҷҽҿшыҩџьә"},
    {"alt", "a-zа-яёјҥӧӱ"},
    {"ba", "a-zа-яёәөүғҡңҙҫһ"},
    {"cv", "a-zа-яĕçăӳ"},
    {"os", "a-zа-яёæ"},
    {"sah", "a-zа-яёҕҥөһү"},
    {"tg", "a-zа-яёғӣқўҳҷ"},
    {"tt", "a-zа-яёӘәӨөҮүҖҗҢңҺһ"},
    {"udm", "a-zа-яёӝӟӥӧӵ"},
    {"cu", "a-zа-яёѕіїıћѹѡѿѣѥѧѩѫѭѯѱѳѷѵґѓђјљњќўџэ҄"},
    {"kk", "a-zäçéğıïñöşüýʺʹа-яёәғіқңөұүһٴابپتجحدرزسشعفقكلمنڭەوۇۋۆىيچھ"},
    {"el pnt", "a-zα-ωΑ-ΩάέήίόύώϊϋΐΰΆΈΉΊΌΎΏΪΫ"},
    {"hy hyw", "a-zա-և"},
    {"ka xmf", "a-zა-ჰ"},
    {"he yi", "a-zא-ת"},
    {"ar arq ary arz", "a-zء-ي\u064B-\u065F\u0670"},
    {"fa azb glk lki lrc luz mzn", "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآأئؤة\u200C"},
    {"ckb", "ئابپتجچحخدرڕزژسشعغفڤقکگلڵمنوۆهھەیێ\u200C"},
    {"ur", "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوؤہھیئےآأءۃ"},
    {"skr", "آابٻپتٹثجچڄحخدڈݙذرڑزژسشصضطظعغفقکگڳلمنݨوہھیےئأءۃڋڰںؤ"},
    {"hi awa anp mai sa", "a-z\u0900-\u0963\u0966-\u097F\uA8E0-\uA8FF"},
    {"mr", "\u0900-\u0963\u0971-\u097F\u200D"},
    {"bn bpy", "\u0980-\u09FF"},
    {"pa", "a-z\u0A01-\u0A4D\u0A59-\u0A5E\u0A70-\u0A73"},
    {"gu", "\u0A80-\u0AFF"},
    {"or", "a-z\u0B00-\u0B7F"},
    {"ta", "\u0B80-\u0BFF"},
    {"te", "\u0C01-\u0C6F"},
    {"ml", "a-z\u0D02-\u0D7F"},
    {"shi", "a-zⴰ-ⵯàâçéèêîôûäëïöüùÇÉÂÊÎÔÛÄËÏÖÜÀÈÙḍḥɛṛɣṣṭẓḌḤƐṚƔṢṬẒʷ"},
    {"dag", "a-zɛɣŋɔʒƐƔŊƆƷ"},
    {"fat tw", "a-zɛɔ"},
    {"bci", "a-zÈèÉéÊêÔôƐɛƆɔ"},
    {"gur", "a-zA-ZɛƐɩƖɔƆʋƲŋŊ\u0303"},
    {"guw", "a-zàáǎèéěìíǐòóǒùúɛ\u030Cɔɖẹọ"},
    {"fon", "a-zàâçéèêîôûäëïöüùÇÉÂÊÎÔÛÄËÏÖÜÀÈÙƉɖƐɛƆɔ\u0300-\u0304\u030C"},
    {"kcg", "a-z\u0331áí"},
    {"ik", "a-zġḷł\u0323ñŋ"},
    {"nso", "a-zA-ZŠÔÊšôê"},
    {"st", "a-zA-ZŠÒŌÈĒšòōèē"},
    {"tn", "a-zêšô"},
    {"ny tum", "a-zA-ZŴŵ"},
};

constexpr Row kPrefixes[] = {
    {"ar arq ary arz", "a-zA-Zء-ي\u064B-\u065F\u0670"},
    {"mzn", "a-zA-Zء-ي\u064B-\u065F\u0670پچژکگی\u200C"},
    {"is", "a-zA-ZáÁðÐéÉíÍóÓúÚýÝþÞæÆöÖ–-"},
    {"hy hyw", "a-zA-Zա-ևԱ-Ֆ"},
    {"ka xmf", "a-zA-Zა-ჰ"},
    {"uz kaa", "a-zA-ZÀ-ÖØ-öø-ɏʻʼ’Ѐ-ӿ"},
    {"cv lbe", "a-zA-ZÀ-ÖØ-öø-ɏЀ-ӿ"},
    {"ln", "a-zA-ZÀ-ÖØ-öø-ɏ"},
};

// The character at `at` and its bytes; 0 bytes at the end and where the text is no UTF-8.
struct Character {
  char32_t value = 0;
  size_t bytes = 0;
};
Character character_at(std::string_view text, size_t at) {
  int32_t c = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const auto length = at < text.size() ? utf8proc_iterate(bytes, utf8proc_ssize_t(text.size() - at), &c) : 0;
  return length > 0 ? Character{char32_t(c), size_t(length)} : Character{};
}

LinkLetters::Alphabet alphabet(std::string_view letters) {
  LinkLetters::Alphabet result;
  for (size_t at = 0; at < letters.size();) {
    const Character first = character_at(letters, at);
    at += first.bytes;
    const Character last = letters.substr(at, 1) == "-" ? character_at(letters, at + 1) : Character{};
    if (last.bytes > 0) at += 1 + last.bytes;
    result.push_back({first.value, last.bytes > 0 ? last.value : first.value});
  }
  std::ranges::sort(result, {}, &LinkLetters::Range::first);
  return result;
}

using Alphabets = std::unordered_map<std::string_view, LinkLetters::Alphabet>;

template <size_t N>
Alphabets alphabets(const Row (&rows)[N], std::string_view of_others) {
  Alphabets result{{"", alphabet(of_others)}};
  for (const Row& row : rows) {
    for (size_t at = 0; at < row.languages.size();) {
      const size_t end = std::min(row.languages.find(' ', at), row.languages.size());
      result[row.languages.substr(at, end - at)] = alphabet(row.letters);
      at = end + 1;
    }
  }
  return result;
}

const LinkLetters::Alphabet& of_language(const Alphabets& all, std::string_view language) {
  const auto found = all.find(language);
  return found != all.end() ? found->second : all.at("");
}

const LinkLetters::Alphabet& trail_of(std::string_view language) {
  static const Alphabets all = alphabets(kTrails, "a-z");
  return of_language(all, language);
}

const LinkLetters::Alphabet& prefix_of(std::string_view language) {
  static const Alphabets all = alphabets(kPrefixes, "");
  return of_language(all, language);
}

bool contains(const LinkLetters::Alphabet& alphabet, char32_t c) {
  const auto behind = std::ranges::upper_bound(alphabet, c, {}, &LinkLetters::Range::first);
  return behind != alphabet.begin() && c <= std::prev(behind)->last;
}

}  // namespace

LinkLetters::LinkLetters(std::string_view language) : trail_(trail_of(language)), prefix_(prefix_of(language)) {}

size_t LinkLetters::trail_end(std::string_view text, size_t at) const {
  for (Character c = character_at(text, at); c.bytes > 0 && contains(trail_, c.value); c = character_at(text, at)) {
    if (c.value == '\'' && text.substr(at + 1, 1) == "'") break;  // of italics
    at += c.bytes;
  }
  return at;
}

size_t LinkLetters::prefix_begin(std::string_view text, size_t at) const {
  while (!prefix_.empty() && at > 0) {
    size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && (text[begin] & 0xC0) == 0x80) --begin;
    const Character c = character_at(text, begin);
    if (c.bytes != at - begin || !contains(prefix_, c.value)) break;
    at = begin;
  }
  return at;
}

}  // namespace kilm::languages
