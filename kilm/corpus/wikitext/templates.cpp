#include "kilm/corpus/wikitext/templates.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "kilm/corpus/characters.h"
#include "kilm/corpus/title.h"
#include "kilm/corpus/wikitext/disambiguation.h"
#include "kilm/corpus/wikitext/template_functions.h"

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
     "caps,allcaps,mono,monospace,code,inline code,samp,tt,mvar,varserif,math,var,serif,"
     "sans-serif,visible anchor,vanchor,vanc,anchored,anchorword,abbr,abbrv,abbrlink,tooltip,h:title,hover title,"
     "font color,nihongo2,nihongo krt,zh-t,zh-s,title case,not a typo,as written,proper name,chem2,dfn,term,"
     "defn,asiantitle,unicode,polytonic,grc,hebrew,rtl-lang,script,link text,quotedtext,keep,formatnum,"
     "nwr,normal,resize,lcfirst,ucfirst,lc,uc,flag,flagcountry,flagu,pslink,plural form,okina word",
     "$1"},
    {"lang,langx,rtl,script/hebrew,langue,llang,native name,native phrase", "$2|$1"},
    {"transl,transliteration,translit,tlit", "$3|$2|$1"},
    {"font,color,colored text,coloredlink,background color", "$2|$(text)|$1"},
    {"sic", "$1| "},
    {"nihongo", "$1[ ($2[, $3])]|$2[ ($3)]"},
    {"nihongo3", "$3[ ($2[, $1])]|$2[ ($1)]"},
    {"nihongo foot", "$1"},
    {"ill,interlanguage link,illm,interlanguage link multi,link-interwiki,red link,redlink", "$(lt)|$1"},
    {"zh,chinese", "$(c)|$(t)|$(s)|$1"},
    {"korean,ko-hhrm", "$(hangul)|$1"},
    {"ruby,ruby-ja", "$1"},
    {"読み仮名", "$1 ($2)"},
    {"仮リンク", "$1"},
    {"le,link-en,link-fr,link-de,link-ja", "$3|$1"},
    {"tsl", "$4|$3"},
    {"нп,нп3,нп4,нп5,не переведено,не переведено 3,не переведено 5,iw", "$2|$1"},
    {"lien", "$(texte)|$(trad)|$(fr)|$1"},
    {"wikt-lang", "$3|$2"},
    {"gloss", "'$1'"},
    {"lit,lit.,literal translation,literally", "lit. '$1'"},
    {"char,polytonisch,stn,rws,versalita,nombre,num,nts,число,comment,souverain,souverain2", "$1"},
    {"sort", "$2|$1"},
    {"sortname", "$1 $2"},
    {"née,nee", "née $1"},
    {"né", "né $1"},
    {"ipalink,ipa link,script/arabic,railgauge,track gauge,nq", "$1"},
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
    {"mlby,by,baseball year,nfly,nfl year", "$1"},
    {"bd", "（$1[$2]－[$3][$4]）"},
    {"siglo", "siglo $1"},
    {"séc", "século $1"},
    {"1er", "1er"},
    {"av jc,av. j.-c.", "av. J.-C."},
    {"apr jc,apr. j.-c.", "apr. J.-C."},
    {"millennium", "$1 millennium"},
    // Numbers.
    {"frac,fraction,sfrac", "$1 $2/$3|$1/$2|1/$1"},
    {"sub", "$1"},
    {"half", "½"},
    {"sqrt,radic", "√$1"},
    {"no.,numero,numéro,n°", "No. $1"},
    {"unité,unidad,fmtn", "$1[ $2]"},
    {"§", "§ $1[ $2]"},
    {"long ton", "$1 long tons"},
    {"qref,quran", "Quran $1:$2"},
    {"us$,usd,us dollar", "US$$$1"},
    {"a$,aud", "A$$$1"},
    {"ca$,cad", "CA$$$1"},
    {"nz$,nzd", "NZ$$$1"},
    {"hk$,hkd", "HK$$$1"},
    {"s$,sgd", "S$$$1"},
    {"krw", "₩$1"},
    {"php,philippine peso", "₱$1"},
    {"gbp,£,pound,pound sterling", "£$1"},
    {"euro,€,eur", "€$1"},
    {"inr,indian rupee,rupee", "₹$1"},
    {"¥,jpy,cny,yen", "¥$1"},
    {"decade,decade link", "$1s"},
    {"us patent", "U.S. Patent $1"},
    // Signs.
    {"snd,spnd,sndash,spaced ndash,spaced en dash,dash,spaced en dash space", " – "},
    {"ndash,en dash,–", "–"},
    {"mdash,mdashb,em dash,emdash,—", "—"},
    {"spaced emdash,spaced em dash,snds", " — "},
    {"nbsp,space,spaces,thin space,thinsp,hair space,hairsp,nnbsp,br,break,crlf,pad,gap,em space,en space", " "},
    {"·,middot,dot,•,bull,bullet,dot separator,\\", " · "},
    {"',apostrophe", "'"},
    {"'s", "'s"},
    {"\",double quote", "\"$1\"|\""},
    {"'-,-'", "'"},
    {"-\",\"-", "\""},
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
    {"hmnzs", "HMNZS $1"},
    {"hnlms", "HNLMS $1"},
    {"hdms", "HDMS $1"},
    {"hswms", "HSwMS $1"},
    {"usns", "USNS $1"},
    {"uscgc", "USCGC $1"},
    {"css", "CSS $1"},
    {"smu", "SM $1"},
    {"gs", "German submarine $1"},
    {"ps", "PS $1"},
    {"rv", "RV $1"},
    {"ss", "SS $1"},
    {"rms", "RMS $1"},
    {"mv", "MV $1"},
    {"ms", "MS $1"},
    {"sms", "SMS $1"},
    {"gts", "GTS $1"},
    {"ins", "INS $1"},
    // Quotations are paragraphs of their own.
    {"quote,blockquote,bquote,quotation,cquote,block quote,centered quote", "\n$(text)\n|\n$(quote)\n|\n$1\n"},
};

// Names of templates that write notes: they are silent, and counted as references.
constexpr std::string_view kNotes =
    "sfn,sfnp,sfnm,sfnmp,sfnref,harv,harvnb,harvp,harvcol,harvcolnb,refn,efn,efn-ua,efn-lr,efn-ur,"
    "efn-la,efn-lg,notetag,note,ref,ref label,note label,rp,r,citation,citation needed,cn,fact,cref,cref2,ref-label,"
    "citation needed span,page needed,reference page,harvard citation,harvard citation no brackets,wayback,webarchive,"
    "dead link,failed verification,better source needed,better source,full,reflist,notelist,full citation needed,"
    "unreliable source?,primary source inline,self-published inline,isbn,issn,oclc,doi,#tag";

// Names of templates that write nothing, or nothing that belongs into the sentence.
constexpr std::string_view kSilent =
    "clarify,when,who,which,where,by whom,according to whom,whom?,why,what,dubious,disputed inline,discuss,vague,"
    "quantify,specify,update inline,update after,as of?,weasel-inline,pov-inline,or,original research inline,opinion,"
    "synthesis inline,lead missing,undue weight inline,time fragment,contradict-inline,citation style,ambiguous,"
    "incomplete short citation,verify source,not in citation given,not in source,nonspecific,relevance inline,"
    "pronunciation needed,pronunciation,pronunciation-needed,listen,respell,spoken wikipedia,flagicon,"
    "flag icon,flagdeco,anchor,anchors,main,main article,see also,further,further information,details,about,"
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
    "inflation-fn,inflation/fn,use list-defined references,sound,specialchars,wikify,crossreference,crossref,"
    "see below,see above,cs1 config,qualify evidence,wikipedia books";

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
    while (at_ < pattern_.size() && ends.find(pattern_[at_]) == kNone) {
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

const std::unordered_map<std::string_view, std::string_view>& patterns() {
  static const std::unordered_map<std::string_view, std::string_view> table = [] {
    std::unordered_map<std::string_view, std::string_view> result;
    for (const Pattern& pattern : kPatterns)
      for_names(pattern.names, [&](std::string_view name) { result[name] = pattern.text; });
    return result;
  }();
  return table;
}

// {{lang-fr|chat}}, but {{lang}} and {{langx}} have the language as an argument. Of Chinese the script is named.
constexpr std::string_view kLanguage = "$1|$(t)|$(s)|$(c)|$(text)";
bool is_lang(std::string_view name) { return name.starts_with("lang-"); }

bool begins_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

// {{page needed}}, {{importance inline}}, {{according to whom?}}: editors to each other.
bool is_complaint(std::string_view name) {
  return name.ends_with(" needed") || name.ends_with(" inline") || name.ends_with("-inline") || name.ends_with('?');
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
  static const std::unordered_set<std::string_view> notes = set_of(kNotes), silent = set_of(kSilent);
  if (patterns().contains(name) || template_functions().contains(name) || is_lang(name)) return TemplateRole::words;
  if (notes.contains(name) || is_complaint(name) || begins_with_any(name, {"cite ", "harv", "citation", "sfn"}))
    return TemplateRole::note;
  if (name == "short description" || name == "shortdesc" || name == "short desc")
    return TemplateRole::short_description;
  if (silent.contains(name)) return TemplateRole::silent;
  if (is_disambiguation_template(name)) return TemplateRole::disambiguation;
  const bool quiet = begins_with_any(
      name, {"infobox", "ipac-", "ipa-", "pp-", "use ", "r from", "r to", "#", "defaultsort", "displaytitle", "taxobox",
             "automatic taxobox", "speciesbox", "commons", "wikisource", "portal"});
  return quiet ? TemplateRole::silent : TemplateRole::unknown;
}

std::optional<std::vector<TemplatePiece>> expand_template(std::string_view name, const TemplateCall& call) {
  if (const auto f = template_functions().find(name); f != template_functions().end()) return f->second(call);
  const auto pattern = patterns().find(name);
  Pieces pieces = PatternReader(pattern != patterns().end() ? pattern->second : kLanguage, call).read();
  return pieces.empty() ? std::nullopt : std::optional(std::move(pieces));
}

}  // namespace kilm
