#include "kilm/corpus/wikitext/templates.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "kilm/corpus/title.h"

namespace kilm {

namespace {

using Pieces = std::vector<TemplatePiece>;

struct Pattern {
  std::string_view names;  // separated by commas
  std::string_view text;
};

constexpr Pattern kPatterns[] = {
    // One argument as it is.
    {"nowrap,nobr,nowr,no wrap,j,small,smaller,smalldiv,big,larger,large,center,centre,nobold,noitalic,noitalics,"
     "strong,em,bold,italic,italics,italic correction,underline,overline,strikethrough,sc,smallcaps,small caps,sc2,"
     "caps,allcaps,mono,monospace,code,inline code,kbd,key,keypress,key press,samp,tt,mvar,varserif,math,var,serif,"
     "sans-serif,visible anchor,vanchor,vanc,anchored,anchorword,abbr,abbrv,abbrlink,tooltip,h:title,hover title,"
     "font color,nihongo2,nihongo krt,zh-t,zh-s,title case,not a typo,as written,proper name,chem2,gaps,dfn,term,"
     "defn,asiantitle,unicode,polytonic,grc,hebrew,rtl-lang,script,linktext,link text,quotedtext,keep,formatnum,"
     "nwr,normal,resize,lcfirst,ucfirst,lc,uc,flag,flagcountry,flagu,bibleverse-nb,pslink,plural form,okina word",
     "$1"},
    {"lang,langx,rtl,script/hebrew", "$2|$1"},
    {"transl,transliteration", "$3|$2|$1"},
    {"font,color,colored text,coloredlink,background color", "$2|$(text)|$1"},
    {"sic", "$1| "},
    {"nihongo", "$1[ ($2[, $3])]|$2[ ($3)]"},
    {"nihongo3", "$3[ ($2[, $1])]|$2[ ($1)]"},
    {"nihongo foot", "$1"},
    {"ill,interlanguage link,illm,interlanguage link multi,link-interwiki,red link,redlink", "$(lt)|$1"},
    {"zh,chinese", "$(c)|$(t)|$(s)|$1"},
    {"korean,ko-hhrm", "$(hangul)|$1"},
    {"ruby,ruby-ja", "$1 ($2)"},
    {"ipa,ipalink,ipa link,script/arabic,bibleref,bibleref2,railgauge,track gauge,nq", "$1"},
    {"ipablink", "[$1]"},
    {"ipaslink", "/$1/"},
    {"vr,angbr,angle bracket,angbr ipa,angle bracket ipa,angbr link,gph", "⟨$1⟩"},
    {"unichar", "U+$1"},
    // Times.
    {"circa,c.,ca.,ca", "c. $1[ – c. $2]"},
    {"floruit,fl.,fl", "fl. $1[–$2]"},
    {"oldstyledate,old style date", "$1[ $2]"},
    {"reign,r.", "r. $1[–$2]"},
    {"born-in,b.", "b. $1"},
    {"died-in,d.", "d. $1"},
    {"millennium", "$1 millennium"},
    // Numbers.
    {"frac,fraction,sfrac", "$1 $2/$3|$1/$2|1/$1"},
    {"val", "$1[ $(u)]"},
    {"e", "×10^$1"},
    {"e-sp", " × 10^$1"},
    {"sup", "^$1"},
    {"sub", "$1"},
    {"ordinal,ord,nth", "$1"},
    {"us$,usd,us dollar", "US$$$1"},
    {"a$,aud", "A$$$1"},
    {"ca$,cad", "CA$$$1"},
    {"gbp,£,pound,pound sterling", "£$1"},
    {"euro,€,eur", "€$1"},
    {"inr,indian rupee,rupee", "₹$1"},
    {"¥,jpy,cny,yen", "¥$1"},
    {"percentage", "$1/$2"},
    {"decade,decade link", "$1s"},
    // Signs.
    {"snd,spnd,sndash,spaced ndash,spaced en dash,dash,spaced en dash space", " – "},
    {"ndash,en dash,–", "–"},
    {"mdash,mdashb,em dash,emdash,—", "—"},
    {"spaced emdash,spaced em dash,snds", " — "},
    {"nbsp,space,spaces,thin space,thinsp,hair space,hairsp,nnbsp,br,break,crlf,pad,gap,em space,en space", " "},
    {"·,middot,dot,•,bull,bullet,dot separator,\\", " · "},
    {"',apostrophe", "'"},
    {"'s", "'s"},
    {"\",double quote", "\""},
    {"'-,-'", "'"},
    {"' \"", "' \""},
    {"\" '", "\" '"},
    {"=", "="},
    {"*", "*"},
    {"okina,ʻ,hamza", "ʻ"},
    {"ayin", "ʿ"},
    {"minus", "−"},
    {"times,x mark symbol", "×"},
    {"pm,plusminus,±", "±"},
    {"pi", "π"},
    {"deg,degree", "°"},
    {"eqm", "⇌"},
    {"sharp,music sharp,♯", "♯"},
    {"flat,music flat,♭", "♭"},
    {"natural,music natural,♮", "♮"},
    {"lbrace,(", "{"},
    {"rbrace,)", "}"},
    // Ships and their classes.
    {"ship", "$1 $2"},
    {"sclass,sclass-,sclass2,sclass2-", "$1-class $2"},
    {"hms", "HMS $1"},
    {"hmas", "HMAS $1"},
    {"hmcs", "HMCS $1"},
    {"uss", "USS $1"},
    {"ss", "SS $1"},
    {"rms", "RMS $1"},
    {"mv", "MV $1"},
    {"ms", "MS $1"},
    {"sms", "SMS $1"},
    {"gts", "GTS $1"},
    {"uscgc", "USCGC $1"},
    {"ins", "INS $1"},
    // Quotations are paragraphs of their own.
    {"quote,blockquote,bquote,quotation,cquote,block quote,centered quote", "\n$(text)\n|\n$(quote)\n|\n$1\n"},
};

// Names of templates that write notes: they are silent, and counted as references.
constexpr std::string_view kNotes =
    "sfn,sfnp,sfnm,sfnmp,sfnref,harv,harvnb,harvp,harvtxt,harvcol,harvcolnb,harvcoltxt,refn,efn,efn-ua,efn-lr,efn-ur,"
    "efn-la,efn-lg,notetag,note,ref,ref label,note label,rp,r,citation,citation needed,cn,fact,cref,cref2,ref-label,"
    "citation needed span,page needed,reference page,harvard citation,harvard citation no brackets,wayback,webarchive,"
    "dead link,failed verification,better source needed,reflist,notelist,bibleverse,full citation needed,"
    "unreliable source?,primary source inline,self-published inline,isbn,issn,oclc,doi,#tag";

// Names of templates that write nothing, or nothing that belongs into the sentence.
constexpr std::string_view kSilent =
    "clarify,when,who,which,where,by whom,according to whom,whom?,why,what,dubious,disputed inline,discuss,vague,"
    "quantify,specify,update inline,update after,as of?,weasel-inline,pov-inline,or,original research inline,opinion,"
    "synthesis inline,lead missing,undue weight inline,time fragment,contradict-inline,citation style,ambiguous,"
    "incomplete short citation,verify source,not in citation given,not in source,nonspecific,relevance inline,"
    "pronunciation needed,pronunciation,pronunciation-needed,audio,listen,respell,spoken wikipedia,flagicon,"
    "flag icon,flagdeco,coord,anchor,anchors,main,main article,see also,further,further information,details,about,"
    "for,other uses,other people,redirect,redr,hatnote,distinguish,confused,clear,clr,-,clearleft,clearright,toc right,"
    "toc left,toc,toclimit,toc limit,shy,zwj,zwnj,zwsp,wbr,nowrap begin,nowrap end,nobr begin,nobr end,nowrap-begin,"
    "refbegin,refend,div col,div col end,col-begin,col-break,col-end,colbegin,colend,end,s-start,s-end,"
    "multiple image,double image,quote box,quotebox,rquote,pull quote,wikisource,wiktionary,commons,commons category,"
    "portal,portal bar,authority control,sister project links,good article,featured article,protected,dmoz,"
    "birth year category,increase,decrease,steady,dagger,double dagger,ref begin,ref end,lsj,defaultsort,displaytitle,"
    "italic title,lowercase title,lowercase,contains special characters,multiple issues,refimprove,unreferenced,"
    "more citations needed,cleanup,copy edit,globalize,expand section,empty section,update,over-quotation,tone,"
    "redirect-distinguish,for multi,technical reasons,correct title,selfref,stack,stack begin,stack end,"
    "disambiguation needed,disambig needed,dn,disambiguate,needdab,"
    "inflation-fn,inflation/fn,use list-defined references,sound,specialchars,wikify";

constexpr std::string_view kDisambiguation =
    "dab,hndis,geodis,numberdis,roaddis,schooldis,mathdab,letter-ncd,hospitaldis,callsigndis,begriffsklärung,"
    "homonymie,desambiguación,desambiguação,disambigua,неоднозначность,dp,ujednoznacznienie,aimai,曖昧さ回避,消歧义,"
    "消歧義,동음이의,동음이의어 문서,rozcestník,egyértelmű,täsmennyssivu,förgrening,flertydig,anlam ayrımı,"
    "trang định "
    "hướng,توضيح,ابهام‌زدایی,פירושונים,багатозначність,dezambiguizare,"
    "αποσαφήνιση,"
    "разрешителна "
    "страница";

template <typename F>
void for_names(std::string_view list, const F& f) {
  for (size_t at = 0; at <= list.size();) {
    const size_t end = std::min(list.find(',', at), list.size());
    f(list.substr(at, end - at));
    at = end + 1;
  }
}

std::unordered_set<std::string_view> set_of(std::string_view list) {
  std::unordered_set<std::string_view> set;
  for_names(list, [&](std::string_view name) { set.insert(name); });
  return set;
}

// --- Patterns
// ---------------------------------------------------------------------------------------------------------

class PatternReader {
 public:
  PatternReader(std::string_view pattern, const TemplateCall& call) : pattern_(pattern), call_(call) {}

  Pieces read() {
    while (true) {
      Pieces pieces;
      if (part(pieces, "|")) return pieces;
      while (at_ < pattern_.size() && pattern_[at_] != '|') ++at_;
      if (at_++ >= pattern_.size()) return {};
    }
  }

 private:
  // Up to one of `ends`; false if an argument outside of […] is not there.
  bool part(Pieces& pieces, std::string_view ends) {
    bool whole = true;
    while (at_ < pattern_.size() && ends.find(pattern_[at_]) == std::string_view::npos) {
      const char c = pattern_[at_++];
      if (c == '[' && optional()) {
        Pieces inner;
        if (part(inner, "]")) pieces.insert(pieces.end(), inner.begin(), inner.end());
        ++at_;
      } else if (c == '$' && pattern_.substr(at_, 1) != "$") {
        const size_t argument = call_.find(argument_name());
        whole &= argument < call_.arguments.size();
        pieces.push_back({TemplatePiece::Kind::argument, "", argument});
      } else if (c == '\n') {
        pieces.push_back({TemplatePiece::Kind::paragraph, "", 0});
      } else {
        at_ += c == '$';
        add_text(pieces, c);
      }
    }
    return whole;
  }

  // [$1] at the start of a pattern is a bracket around a sound; optional parts begin with text.
  bool optional() const { return at_ > 1; }

  std::string_view argument_name() {
    const bool named = pattern_[at_] == '(';
    const size_t begin = at_ + named, end = named ? pattern_.find(')', at_) : at_ + 1;
    at_ = end + named;
    return pattern_.substr(begin, end - begin);
  }

  static void add_text(Pieces& pieces, char c) {
    if (pieces.empty() || pieces.back().kind != TemplatePiece::Kind::text) pieces.emplace_back();
    pieces.back().text += c;
  }

  std::string_view pattern_;
  const TemplateCall& call_;
  size_t at_ = 0;
};

// --- Templates with rules of their own
// -----------------------------------------------------------------------------------

Pieces text_piece(std::string text) { return {{TemplatePiece::Kind::text, std::move(text), 0}}; }

std::string number_name(size_t n) { return std::to_string(n); }

bool is_number(std::string_view text) {
  const size_t sign = text.starts_with("-") || text.starts_with("+") ? 1 : text.starts_with("−") ? 3 : 0;
  return text.size() > sign && text[sign] >= '0' && text[sign] <= '9';
}

struct Unit {
  std::string_view code, one, many, symbol;
};

constexpr Unit kUnits[] = {
    {"km", "kilometre", "kilometres", "km"},
    {"m", "metre", "metres", "m"},
    {"cm", "centimetre", "centimetres", "cm"},
    {"mm", "millimetre", "millimetres", "mm"},
    {"nm", "nanometre", "nanometres", "nm"},
    {"um", "micrometre", "micrometres", "μm"},
    {"mi", "mile", "miles", "mi"},
    {"ft", "foot", "feet", "ft"},
    {"in", "inch", "inches", "in"},
    {"yd", "yard", "yards", "yd"},
    {"nmi", "nautical mile", "nautical miles", "nmi"},
    {"au", "astronomical unit", "astronomical units", "au"},
    {"ly", "light-year", "light-years", "ly"},
    {"pc", "parsec", "parsecs", "pc"},
    {"km2", "square kilometre", "square kilometres", "km²"},
    {"m2", "square metre", "square metres", "m²"},
    {"cm2", "square centimetre", "square centimetres", "cm²"},
    {"sqkm", "square kilometre", "square kilometres", "km²"},
    {"mi2", "square mile", "square miles", "sq mi"},
    {"sqmi", "square mile", "square miles", "sq mi"},
    {"ft2", "square foot", "square feet", "sq ft"},
    {"sqft", "square foot", "square feet", "sq ft"},
    {"sqm", "square metre", "square metres", "m²"},
    {"acre", "acre", "acres", "acres"},
    {"ha", "hectare", "hectares", "ha"},
    {"m3", "cubic metre", "cubic metres", "m³"},
    {"cm3", "cubic centimetre", "cubic centimetres", "cm³"},
    {"km3", "cubic kilometre", "cubic kilometres", "km³"},
    {"ft3", "cubic foot", "cubic feet", "cu ft"},
    {"cuft", "cubic foot", "cubic feet", "cu ft"},
    {"cumi", "cubic mile", "cubic miles", "cu mi"},
    {"l", "litre", "litres", "L"},
    {"ml", "millilitre", "millilitres", "mL"},
    {"usgal", "US gallon", "US gallons", "US gal"},
    {"impgal", "imperial gallon", "imperial gallons", "imp gal"},
    {"acre.ft", "acre-foot", "acre-feet", "acre⋅ft"},
    {"kg", "kilogram", "kilograms", "kg"},
    {"g", "gram", "grams", "g"},
    {"mg", "milligram", "milligrams", "mg"},
    {"t", "tonne", "tonnes", "t"},
    {"lb", "pound", "pounds", "lb"},
    {"oz", "ounce", "ounces", "oz"},
    {"st", "stone", "stone", "st"},
    {"lt", "long ton", "long tons", "long tons"},
    {"long ton", "long ton", "long tons", "long tons"},
    {"st (short ton)", "short ton", "short tons", "short tons"},
    {"short ton", "short ton", "short tons", "short tons"},
    {"km/h", "kilometre per hour", "kilometres per hour", "km/h"},
    {"mph", "mile per hour", "miles per hour", "mph"},
    {"m/s", "metre per second", "metres per second", "m/s"},
    {"km/s", "kilometre per second", "kilometres per second", "km/s"},
    {"ft/s", "foot per second", "feet per second", "ft/s"},
    {"kn", "knot", "knots", "kn"},
    {"m3/s", "cubic metre per second", "cubic metres per second", "m³/s"},
    {"cuft/s", "cubic foot per second", "cubic feet per second", "cu ft/s"},
    {"c", "°C", "°C", "°C"},
    {"f", "°F", "°F", "°F"},
    {"k", "K", "K", "K"},
    {"w", "watt", "watts", "W"},
    {"kw", "kilowatt", "kilowatts", "kW"},
    {"mw", "megawatt", "megawatts", "MW"},
    {"gw", "gigawatt", "gigawatts", "GW"},
    {"hp", "horsepower", "horsepower", "hp"},
    {"bhp", "brake horsepower", "brake horsepower", "bhp"},
    {"pa", "pascal", "pascals", "Pa"},
    {"kpa", "kilopascal", "kilopascals", "kPa"},
    {"bar", "bar", "bar", "bar"},
    {"atm", "standard atmosphere", "standard atmospheres", "atm"},
    {"psi", "pound per square inch", "pounds per square inch", "psi"},
    {"j", "joule", "joules", "J"},
    {"kj", "kilojoule", "kilojoules", "kJ"},
    {"kcal", "kilocalorie", "kilocalories", "kcal"},
    {"n", "newton", "newtons", "N"},
    {"kn (force)", "kilonewton", "kilonewtons", "kN"},
    {"/km2", "per square kilometre", "per square kilometre", "/km²"},
    {"pd/km2", "inhabitants per square kilometre", "inhabitants per square kilometre", "/km²"},
    {"/sqmi", "per square mile", "per square mile", "/sq mi"},
    {"pd/sqmi", "inhabitants per square mile", "inhabitants per square mile", "/sq mi"},
    {"pd/mi2", "inhabitants per square mile", "inhabitants per square mile", "/sq mi"},
};

// `amount` with its unit, in words unless symbols are asked for; 5-kilometre before a noun.
std::string with_unit(const std::string& amount, const std::string& code, bool symbol, bool adjective) {
  const std::string key = lower_case(code);
  const auto* unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.code == key; });
  if (unit == std::end(kUnits)) return amount + " " + code;
  if (unit->symbol.starts_with("°")) return amount + " " + std::string(unit->symbol);
  if (adjective && !symbol) return amount + "-" + std::string(unit->one);
  const bool one = amount == "1" || amount == "one";
  return amount + " " + std::string(symbol ? unit->symbol : one ? unit->one : unit->many);
}

std::string range_word(std::string_view word) {
  if (word == "-" || word == "–" || word == "to(-)" || word == "&ndash;") return "–";
  if (word == "x" || word == "by" || word == "×" || word == "xx" || word == "*") return word == "by" ? " by " : " × ";
  if (word == "+/-" || word == "±" || word == "+-") return " ± ";
  for (const std::string_view plain : {"to", "and", "or", "to about", "and(-)"})
    if (word == plain) return " " + std::string(plain.substr(0, plain.find('('))) + " ";
  return "";
}

// {{convert|5|ft|10|in|m}}, {{convert|10|to|20|km|mi}}: the value as it was given, without the conversion.
Pieces convert(const TemplateCall& call) {
  const bool symbol = call.text("abbr") == "on" || call.text("abbr") == "in" || call.text("abbr") == "values";
  const std::string adj = call.text("adj");
  const bool adjective = adj == "on" || adj == "mid" || adj == "1";
  size_t next = 1;
  const auto argument = [&](size_t n) { return call.text(number_name(n)); };
  std::string amount = argument(next++);
  if (!is_number(amount)) return {};
  for (std::string word = range_word(argument(next)); !word.empty() && is_number(argument(next + 1));
       word = range_word(argument(next))) {
    amount += word + argument(next + 1);
    next += 2;
  }
  const std::string unit = argument(next++);
  if (unit.empty()) return {};
  std::string text = with_unit(amount, unit, symbol, adjective);
  const std::string second = argument(next + 1);  // 5 ft 10 in
  if (is_number(argument(next)) &&
      (second == "in" || second == "oz" || second == "yd" || second == "lb" || second == "ft"))
    text += " " + with_unit(argument(next), second, symbol, false);
  if (call.text("abbr") == "values") return text_piece(amount);
  return text_piece(text);
}

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};

// The name of month `text`, a number or a name.
std::string month(const std::string& text) {
  int n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n >= 1 && n <= 12 ? kMonths[n - 1] : text;
}

std::string without_zero(std::string day) {
  if (day.size() == 2 && day[0] == '0') day.erase(0, 1);
  return day;
}

// {{birth date|1950|5|1|df=y}}: 1 May 1950, or in American order.
Pieces date(const TemplateCall& call) {
  const std::string year = call.text("1"), m = call.text("2"), day = without_zero(call.text("3"));
  if (year.empty()) return {};
  if (m.empty()) return text_piece(year);
  if (day.empty()) return text_piece(month(m) + " " + year);
  const std::string df = call.text("df");
  if (df == "y" || df == "yes" || df == "1") return text_piece(day + " " + month(m) + " " + year);
  return text_piece(month(m) + " " + day + ", " + year);
}

// {{as of|2015|3|lc=y}}: as of March 2015
Pieces as_of(const TemplateCall& call) {
  if (call.has("alt")) return text_piece(call.text("alt"));
  const bool lower = call.has("lc"), since = call.has("since");
  const std::string begin = since ? (lower ? "since " : "Since ") : (lower ? "as of " : "As of ");
  const std::string bare = call.has("bare") ? "" : begin;
  const std::string year = call.text("1"), m = call.text("2"), day = without_zero(call.text("3"));
  if (year.empty()) return {};
  if (m.empty()) return text_piece(bare + year);
  if (day.empty()) return text_piece(bare + month(m) + " " + year);
  return text_piece(bare + day + " " + month(m) + " " + year);
}

// {{chem|H|2|O}} and lists: all arguments in a row.
Pieces in_a_row(const TemplateCall& call) {
  Pieces pieces;
  for (size_t n = 1; call.has(number_name(n)); ++n)
    pieces.push_back({TemplatePiece::Kind::argument, "", call.find(number_name(n))});
  return pieces;
}

// {{music|flat}}
Pieces music(const TemplateCall& call) {
  const std::string sign = call.text("1");
  for (const auto& [word, character] : {std::pair{"flat", "♭"}, {"sharp", "♯"}, {"natural", "♮"}})
    if (sign == word) return text_piece(character);
  return {};
}

using Function = Pieces (*)(const TemplateCall&);

const std::unordered_map<std::string_view, Function>& functions() {
  static const std::unordered_map<std::string_view, Function> table = [] {
    std::unordered_map<std::string_view, Function> result;
    const auto add = [&](std::string_view names, Function f) {
      for_names(names, [&](auto name) { result[name] = f; });
    };
    add("convert,cvt", convert);
    add("birth date,birth date and age,birth-date,birth-date and age,death date,death date and age,death-date,"
        "death-date and age,start date,start date and age,end date,film date,date,dob,bda,dda,birth year and age",
        date);
    add("as of,asof", as_of);
    add("music", music);
    add("chem,chemical formula,mixed", in_a_row);
    return result;
  }();
  return table;
}

const std::unordered_map<std::string_view, std::string_view>& patterns() {
  static const std::unordered_map<std::string_view, std::string_view> table = [] {
    std::unordered_map<std::string_view, std::string_view> result;
    for (const Pattern& pattern : kPatterns)
      for_names(pattern.names, [&](std::string_view name) { result[name] = pattern.text; });
    return result;
  }();
  return table;
}

// {{lang-fr|chat}}, but {{lang}} and {{langx}} have the language as an argument.
bool is_lang(std::string_view name) { return name.starts_with("lang-"); }

bool begins_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

}  // namespace

size_t TemplateCall::find(std::string_view name) const {
  for (size_t i = arguments.size(); i-- > 0;)
    if (arguments[i].name == name) return arguments[i].blank ? arguments.size() : i;
  return arguments.size();
}

std::string TemplateCall::text(std::string_view name) const {
  const size_t i = find(name);
  return i < arguments.size() ? plain(arguments[i]) : "";
}

std::string template_name(std::string_view raw) {
  std::string name = lower_case(normalise_title(raw));
  for (const std::string_view prefix : {"template:", "subst:"})
    if (name.starts_with(prefix)) name = lower_case(normalise_title(std::string_view(name).substr(prefix.size())));
  return name;
}

TemplateRole template_role(std::string_view name) {
  static const std::unordered_set<std::string_view> notes = set_of(kNotes), silent = set_of(kSilent),
                                                    disambiguation = set_of(kDisambiguation);
  if (patterns().contains(name) || functions().contains(name) || is_lang(name)) return TemplateRole::words;
  if (notes.contains(name) || begins_with_any(name, {"cite ", "harv", "citation", "sfn"})) return TemplateRole::note;
  if (name == "short description" || name == "shortdesc" || name == "short desc")
    return TemplateRole::short_description;
  if (silent.contains(name)) return TemplateRole::silent;
  if (disambiguation.contains(name) || name.starts_with("disambig") || name.ends_with(" disambiguation"))
    return TemplateRole::disambiguation;
  const bool quiet = begins_with_any(
      name, {"infobox", "ipac-", "ipa-", "pp-", "use ", "r from", "r to", "#", "defaultsort", "displaytitle", "taxobox",
             "automatic taxobox", "speciesbox", "commons", "wikisource", "portal"});
  return quiet ? TemplateRole::silent : TemplateRole::unknown;
}

std::optional<std::vector<TemplatePiece>> expand_template(std::string_view name, const TemplateCall& call) {
  // {{IPA|fr|ʃa}} is the pronunciation of a foreign word, {{IPA|ʃ}} a sound that the sentence is about.
  if (name == "ipa" && call.has("2")) return Pieces{};
  Pieces pieces;
  if (const auto f = functions().find(name); f != functions().end()) {
    pieces = f->second(call);
  } else if (const auto p = patterns().find(name); p != patterns().end()) {
    pieces = PatternReader(p->second, call).read();
  } else if (is_lang(name)) {
    pieces = PatternReader("$1", call).read();
  }
  return pieces.empty() ? std::nullopt : std::optional(std::move(pieces));
}

}  // namespace kilm
