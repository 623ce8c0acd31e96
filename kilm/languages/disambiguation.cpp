#include "kilm/languages/disambiguation.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "kilm/text/characters.h"
#include "kilm/text/unicode.h"

namespace kilm::languages {

namespace {

// The words of one language or more. * stands for more words behind a space, a stroke or a hyphen.
struct Words {
  std::string_view templates, titles;
};

constexpr Words kWords[] = {
    // Germanic languages.
    {"disambig,disambiguation,dab,hndis,hndab,geodis,geodab,numberdis,roaddis,schooldis,mathdab,letter-ncd,hospitaldis,"
     "callsigndis,disamb",
     "disambiguation"},
    {"begriffsklärung,begriffsklärig,bkl,bks,mehrdüdig begreep,muardüüdag artiikel",
     "begriffsklärung,mehrdüdig begreep,homonymie"},
    {"dp,dpintro,doorverwijspagina,deurverwiespagina,verdudelikingspazjena,trochferwiisside,dubbelsinnig",
     "doorverwijspagina,deurverwiespagina,trochferwiisside,betsjuttingsside,dubbelsinnig"},
    {"förgrening*,förgreningssida,gren,grensida,namngrensida,namnförgrening", "förgrening,olika betydelser"},
    {"peker,pekerside,flertydig*,fleirtyding*,fleirtydig,etternavn,tobokstavsforkortelse,trebokstavsforkortelse",
     "flertydig,andre betydninger,fleirtyding,andre tydingar,peker"},
    {"aðgreining,aðgreiningarsíða,fleiri týdningar,fleiri týðingar", "aðgreining,fleiri týdningar"},
    // Romance languages, and those built on them.
    {"homonymie*,homonymes,patronymes,toponymes,sigle,sigles,isigle,internationalisation,paronymie,cantons homonymes,"
     "unités homonymes,villes homonymes,guerres homonymes,batailles homonymes,arrondissements homonymes,"
     "saints homonymes,personnes homonymes,titres homonymes,gouvernements homonymes",
     "homonymie"},
    {"desambiguación*,desambiguacion,desambig,desamb,desambiguar,des,homónimos", "desambiguación,desambiguacion"},
    {"desambiguação*,desambiguacao", "desambiguação"},
    {"desambiguació*,desambiguacio,desambigua", "desambiguació"},
    {"homónimos*,desambigación,dixebra,omonimia,argipen,argitze", "homónimos,desambigación,dixebra,omonimia,argipena"},
    {"disambigua*,gestion dij sinònim,diżambigwazzjoni", "disambigua,diżambigwazzjoni"},
    {"dezambiguizare*,dezambig", "dezambiguizare"},
    {"discretiva*", "discretiva"},
    {"apartigilo*,apartigpaĝo,homonimo,telplänov,omonimeye", "apartigilo,homonimo,telplänov"},
    // Slavic and Baltic languages.
    {"неоднозначность*,многозначность*,многозначный термин,список однофамильцев,однофамильцы,тёзки",
     "значения,неоднозначность"},
    {"багатозначність*,багатозначні терміни,неоднозначність", "значення,багатозначність"},
    {"неадназначнасць*,неадназначнасьць*", "значэнні,неадназначнасць,неадназначнасьць"},
    {"пояснителна страница,разрешителна страница,пояснение", "пояснение"},
    {"појаснување,појаснителна страница", "појаснување"},
    {"вишезначна одредница,вишезначна,višeznačna odrednica,višeznačnost,čvor,razvrstavanje,razdvojba*",
     "вишезначна одредница,višeznačna odrednica,višeznačnost,čvor,razvrstavanje,razdvojba"},
    {"razločitev*,razločitvena stran", "razločitev"},
    {"ujednoznacznienie*,ujydnoznačńyńe,strona ujednoznaczniająca,wjacezmyslnosć,wjacezmysłowosć",
     "ujednoznacznienie,strona ujednoznaczniająca,wjacezmyslnosć"},
    {"rozcestník*", "rozcestník"},
    {"rozlišovacia stránka*", "rozlišovacia stránka"},
    {"nuorodinis,nuorodinis straipsnis,reikšmės", "reikšmės"},
    {"nozīmju atdalīšana,nozīmes,atdalīšana", "nozīmju atdalīšana"},
    // Other languages of Europe and the Caucasus.
    {"täsmennyssivu*,täsmennys", "täsmennyssivu"},
    {"täpsustus*,täpsustuslehekülg", "täpsustus"},
    {"egyért*,egyértelmű,egyértelműsítő*", "egyértelműsítő lap,egyértelműsítés"},
    {"αποσαφήνιση*,αποσαφ", "αποσαφήνιση"},
    {"kthjellim*,kthjellime", "kthjellim"},
    {"gwahaniaethu,idirdhealú,idirdhealán,soilleireachadh,digejañ,disheñvelout,klerheans",
     "gwahaniaethu,idirdhealú,soilleireachadh,disheñvelout,klerheans"},
    {"բազմիմաստություն,բազմիմաստ,երկիմաստ,այլ կիրառումներ", "այլ կիրառումներ,բազմիմաստություն"},
    {"მრავალმნიშვნელოვანი*,არაორაზროვნება", "მრავალმნიშვნელოვანი"},
    // Turkic and Iranian languages, Arabic, Hebrew.
    {"anlam ayrımı,anlam ayrım,anlamayrımı,kişi adları (anlam ayrımı),yerleşim yerleri (anlam ayrımı),"
     "kısaltmalar (anlam ayrımı),coğrafya (anlam ayrımı),sayılar (anlam ayrımı)",
     "anlam ayrımı"},
    {"dəqiqləşdirmə*", "dəqiqləşdirmə"},
    {"айрық,айрық бет,көп маанилүү,мәгънәләр,күп мәгънәлелек,күп мәғәнәлелек,koʻp maʼnoli,maʼnolari,нумай "
     "пĕлтерĕшлĕ,бирæнысан",
     "айрық,мағына,мәгънәләр,maʼnolari"},
    {"ибҳомзудоӣ,рафъи ибҳом,cudakirin,ڕوونکردنەوە", "ибҳомзудоӣ,cudakirin,ڕوونکردنەوە"},
    {"توضيح*,صفحة توضيح", "توضيح"},
    {"ابهام‌زدایی*,ابهام زدایی,گنگ",
     "ابهام‌زدایی,ابهام‌زدائی,ابهام زدایی"},
    {"ضد ابہام,ضدابہام,څرګندونې", "ضد ابہام,ضدابہام"},
    {"פירושונים*,באדייטען", "פירושונים,באדייטען"},
    // Asia and Africa.
    {"aimai,曖昧さ回避,地名の曖昧さ回避,人名の曖昧さ回避,学校名の曖昧さ回避,映画の曖昧さ回避,駅名の曖昧さ回避,"
     "神社の曖昧さ回避,企業名の曖昧さ回避,鉄道路線の曖昧さ回避,道路の曖昧さ回避,船の曖昧さ回避,同名の地名",
     "曖昧さ回避"},
    {"消歧义,消歧義,消歧义页,消歧義頁,消歧,人名消歧义,人名消歧義,地名消歧义,地名消歧義,釋義,搞清楚,掰清楚,多義",
     "消歧义,消歧義,消歧义页,消歧義頁,搞清楚,掰清楚"},
    {"동음이의*,동음이의어*,동명이인*,지명 동음이의,학교 동음이의", "동음이의,동음이의어,동명이인"},
    {"trang định hướng*,định hướng", "định hướng"},
    {"แก้ความกำกวม,แก้กำกวม", "แก้ความกำกวม,แก้กำกวม"},
    {"disambiguasi*,nyahkekaburan,paglilinaw", "disambiguasi,nyahkekaburan,paglilinaw"},
    {"बहुविकल्पी*,बहुविकल्पी शब्द,निःसंदिग्धीकरण,नि:संदिग्धीकरण", "बहुविकल्पी,बहुविकल्पी शब्द,निःसंदिग्धीकरण"},
    {"দ্ব্যর্থতা নিরসন*", "দ্ব্যর্থতা নিরসন"},
    {"பக்கவழி,பக்கவழி நெறிப்படுத்தல்", "பக்கவழி நெறிப்படுத்தல்,தெளிவுபடுத்தல்"},
    {"అయోమయ నివృత్తి,വിവക്ഷകൾ,ದ್ವಂದ್ವ "
     "ನಿವಾರಣೆ,ਗੁੰਝਲਖੋਲ੍ਹ,වක්‍රෝක්තිහරණය",
     "అయోమయ నివృత్తి,വിവക്ഷകൾ,ദ്വയാർത്ഥങ്ങൾ,ದ್ವಂದ್ವ "
     "ನಿವಾರಣೆ,ਗੁੰਝਲਖੋਲ੍ਹ,වක්‍රෝක්තිහරණය"},
    {"салаа утгатай,သံတူကြောင်းကွဲ,khu-pia̍t-ia̍h", "салаа утга,သံတူကြောင်းကွဲ,khu-pia̍t-ia̍h"},
    {"maana,bokktekki,sut'ichana qillqa,huaʻōlelo puana like,dudalipen", "maana,bokktekki,sut'ichana qillqa"},
};

using Names = std::unordered_set<std::string_view>;

void add(std::string_view list, Names& names) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    names.insert(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

Names all(std::string_view Words::*list) {
  Names names;
  for (const Words& words : kWords) add(words.*list, names);
  return names;
}

}  // namespace

bool is_disambiguation_template(std::string_view name) {
  static const Names names = all(&Words::templates);
  if (names.contains(name)) return true;
  for (size_t end = name.size(); end != text::kNone; end = end == 0 ? text::kNone : name.find_last_of(" /-", end - 1))
    if (names.contains(std::string(name.substr(0, end)) + "*")) return true;
  return false;
}

bool is_disambiguation_title(std::string_view title) {
  static const Names names = all(&Words::titles);
  for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"(", ")"}, {"（", "）"}}) {
    if (!title.ends_with(close)) continue;
    const size_t begin = title.rfind(open);
    if (begin == text::kNone || begin == 0) continue;
    title.remove_suffix(close.size());
    return names.contains(text::lower_case(title.substr(begin + open.size())));
  }
  return false;
}

}  // namespace kilm::languages
