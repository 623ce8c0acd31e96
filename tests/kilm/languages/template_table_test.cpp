#include "kilm/languages/template_table.h"

#include <doctest/doctest.h>

#include "kilm/wikitext/wikitext.h"

namespace {

kilm::wikitext::Article parse(std::string_view language, std::string_view wikitext) {
  kilm::languages::Site site;
  site.language = std::string(language);
  return kilm::wikitext::parse_wikitext(wikitext, site, "Page");
}

std::string one(std::string_view language, const std::string& wikitext) {
  const kilm::wikitext::Article article = parse(language, wikitext);
  return article.paragraphs.size() == 1 ? article.paragraphs[0].text : std::to_string(article.paragraphs.size());
}

// Articles in our own words with the templates that are ordinary in each language, and 100 links or fewer.
struct Sample {
  const char *language, *wikitext;
};
constexpr Sample kSamples[] = {
    {"en",
     "{{Short description|Kind of mill}}\n{{Use dmy dates|date=May 2020}}\n{{Infobox building|name=Old Mill|height="
     "{{convert|10|m|ft}}}}\nThe '''Old Mill''' ({{lang-fr|Vieux Moulin}}, {{IPAc-en|m|ɪ|l}}; {{circa|1750}}) is a "
     "[[windmill]] in [[Kent]], [[England]].<ref name=a/>{{sfn|Lee|1990|p=5}} It stands {{convert|3|km|mi|abbr=on}} "
     "from "
     "the [[sea]]{{citation needed|date=May 2020}} and has {{frac|1|2}} of its [[sail]]s.{{efn|Or so.}}\n\n== History "
     "==\n"
     "{{Main|History of mills}}\nBuilt for {{£|500}} by {{ill|Ann Lee|fr}} on the [[River Stour|Stour]], it was {{as "
     "of|2010|lc=y}} the [[museum]] of {{nowrap|[[Mill Society]]}}. {{HMS|Beagle}} passed the [[harbour]] in "
     "{{start date|1831|12|27|df=y}}{{snd}}so says [[Darwin]].{{r|d}} The [[miller]] said {{\"'}}no{{'\"}}.\n"},
    {"de",
     "{{Begriffsklärungshinweis}}\n{{Infobox Mühle|NAME=Alte Mühle|HÖHE={{Höhe|10}}}}\nDie '''Alte Mühle''' ({{enS|Old "
     "Mill}}, {{laS|Mola}}) ist eine [[Windmühle]] in [[Holstein]] im Norden von [[Deutschland]].<ref>{{Internetquelle|"
     "url=x|titel=y}}</ref> Sie steht auf {{Höhe|45|DE-NHN|link=true}} am [[Fluss]] [[Eider]], {{nowrap|3 km}} vom "
     "[[Meer]] "
     "entfernt.{{FN|1}} Der Müller sagte {{\"|Nein}} zum [[König]].\n\n== Geschichte "
     "==\n{{Hauptartikel|Geschichte}}\nNach "
     "{{§|5|bgb|juris}} gehört die [[Mühle]] dem [[Bauer]]n; sie kostete {{EUR|500}} und {{Zahl|1234}} [[Taler]]. "
     "{{lang|fr|[[Moulin]]}} heißt sie in [[Frankreich]], {{ruS|Мельница|Melniza}} in [[Russland]].{{Toter "
     "Link|url=x}}\n\n"
     "{{Normdaten|TYP=g}}\n{{Navigationsleiste Mühlen}}"},
    {"fr",
     "{{ébauche|moulin}}\n{{Infobox Bâtiment|nom=Vieux Moulin}}\nLe '''Vieux Moulin''' (en {{lang-en|Old Mill}}) est "
     "un "
     "[[moulin à vent]] du {{s-|XVIII|e}} situé à {{unité|3|km}} de [[Paris]]{{sfn|Dupont|1990|p=5}}{{,}}<ref>x</ref>. "
     "Bâti le "
     "{{date|1|janvier|1750}} par {{Mme|Dupont}}, puis vendu au {{XIXe siècle}} à [[Louis XIV|Louis]] pour "
     "{{nombre|1234|"
     "francs}}, il compte {{nombre|12000}} [[visiteur]]s{{refnec|par an|date=2020}}. Le {{1er}} [[meunier]] disait "
     "{{citation|je pars}} au [[roi]] {{incise|son ami}}.\n\n== Histoire ==\n{{Article détaillé|Histoire}}\nÀ "
     "{{heure|9|30}}, "
     "{{M.|Petit}}, {{n°|5}} de la [[rue]], voit [[Ville (lieu)|la ville]] en {{-s|V|e}} ou aux {{s2|XVII|e|XVIII|e}} "
     "d'après {{Dr}} [[Jean Martin|Martin]]{{note|x}}. {{Lien|langue=en|trad=Mill Hill|texte=Mill Hill}} est un "
     "[[bourg]] "
     "de {{unité|12|km|2}}, chef-lieu au {{Ier siècle}} des [[Romains]].\n{{Palette|Moulins}}\n"},
    {"sv",
     "{{Faktamall byggnad|namn=Kvarnen}}\n'''Kvarnen''' ({{lang-en|The Mill}}) är en [[väderkvarn]] i [[Skåne]] i "
     "[[Sverige]]."
     "{{källa behövs|datum=2020}} Den ligger {{nowrap|3 km}} från [[havet]] och kostade {{formatnum:12345}} "
     "[[krona|kronor]]."
     "<ref>{{webbref|url=x}}</ref>{{sfn|Berg|1990}}\n\n== Historia ==\n{{Huvudartikel|Historia}}\nKvarnen byggdes 1750 "
     "av "
     "[[Karl Berg]]{{vem}} och såldes till {{språk|en|[[Ann Lee]]}} i "
     "[[London]].{{r|a}}\n\n{{Auktoritetsdata}}\n{{Stub}}\n"},
    {"nl",
     "{{Infobox molen|naam=Oude Molen}}\nDe '''Oude Molen''' ({{lang-en|Old Mill}}; {{OudeStijlDatum|22 april|1750|11 "
     "april}}) is "
     "een [[windmolen]] in [[Gouda]] in [[Nederland]].{{Bron?||2020}} De molen van [[Jan Mol]]{{Sfn|Mol|1990}} kostte "
     "{{formatnum:1234}} [[gulden]] of {{€|500}}.<ref>{{Citeer web|url=x}}</ref>\n\n== Geschiedenis ==\n{{Zie "
     "hoofdartikel|"
     "Geschiedenis}}\nHet schip {{HNLMS|Gouda}} van de [[marine]] lag in de [[haven]]; {{Aut|[[Piet Smit|Smit]]}} "
     "schreef "
     "H{{sub|2}}O en m{{sup|2}} in zijn [[boek]].\n{{Appendix}}\n{{Navigatie molens}}"},
    {"ru",
     "{{Другие значения|Мельница}}\n{{Достопримечательность\n|Название=Мельница\n}}\n'''Мельница''' ({{lang-en|Mill}}, "
     "{{lang-la|mola}}) — [[здание]] в [[Москва|Москве]], построенное {{дата|1|5|1750}} в {{s|XVIII "
     "веке}}{{sfn|Иванов|1990}}. "
     "Владел ей {{нп5|Джон Смит||en|John Smith}}, [[купец]] из [[Лондон]]а{{нет АИ|1|1|2020}}. Площадь {{число|1234}} "
     "{{м²}}, "
     "рядом [[река]]{{уточнить}}.\n\n== История ==\n{{main|История}}\nЦена {{nobr|500 [[рубль|рублей]]}}, {{не "
     "переведено "
     "5|Мельник|мельник|en|Miller}} и {{comment|[[хозяин]]|владелец}} {{тире}} [[крестьянин]].{{Wayback|url=x}} "
     "{{ref-en}}\n"},
    {"es",
     "{{Ficha de edificio|nombre=Molino}}\nEl '''Molino''' (en {{lang-en|Mill}}) es un [[molino de viento]] del "
     "{{siglo|XVIII||s}} en "
     "[[La Mancha]], a {{unidad|3|km}} de [[Toledo]].{{cita requerida}} Fue de {{esd|[[Juan Ruiz]]}} y costó "
     "{{formatnum:1234}} "
     "[[peseta]]s{{sfn|Ruiz|1990}} el {{fecha|1|1|1750}}.\n\n== Historia ==\n{{AP|Historia}}\nEl [[molinero]] dijo "
     "{{cita|no}} al "
     "[[rey]] en el año 50 {{a. C.}} cerca del [[río]] {{nowrap|[[Tajo]]}}.<ref>{{cita web|url=x}}</ref> "
     "{{n.º|5}} de la [[calle]].{{demostrar}}\n\n{{Control de autoridades}}\n"},
    {"it",
     "{{Bio|Nome=Ada|Cognome=Rossi|Sesso=F|LuogoNascita=Roma|GiornoMeseNascita=1º "
     "gennaio|AnnoNascita=1900|LuogoMorte=Milano|"
     "GiornoMeseMorte=2 maggio|AnnoMorte=1970|Attività=scultrice|Nazionalità=italiana}}\n\nNacque a [[Roma]], a "
     "{{M|3|u=km}} dal "
     "[[Tevere]]{{cn|data=2020}}, in un [[mulino]] del {{lang|la|[[Lazio]]}}.{{sfn|Bianchi|1990}} Costò "
     "{{formatnum:1234}} [[lira|lire]].\n"
     "\n== Storia ==\n{{Vedi anche|Storia}}\nIl [[mugnaio]] {{Senza fonte|partì per [[Milano]]}} e il {{TA|[[Po "
     "(fiume)|Po]]}} scorre "
     "a {{M|1234||km}} dal [[mare]].<ref>{{Cita web|url=x}}</ref>\n{{Controllo di autorità}}\n{{Portale|arte}}"},
    {"pl",
     "{{Budynek infobox\n |nazwa=Młyn\n}}\n'''Młyn''' ({{ang.|Mill}}) – [[wiatrak]] w [[Kraków|Krakowie]] nad "
     "[[Wisła|Wisłą]]{{r|a}}. "
     "Zbudował go {{j|en|[[John Smith]]}} za {{formatnum:12345}} "
     "[[złoty|złotych]]{{fakt|data=2020}}.{{odn|Nowak|1990}}\n\n"
     "== Historia ==\n{{Osobny artykuł|Historia}}\n[[Młynarz]] miał {{nowrap|5 [[hektar|ha]]}} i {{ułamek|1|2}} "
     "[[pole|pola]]{{u|x}}. "
     "{{Kto|Sprzedał}} go [[król]]owi.\n{{Przypisy}}\n{{Kontrola autorytatywna}}"},
    {"ja",
     "{{Otheruses|建物}}\n{{建築物\n|名称=水車\n}}\n'''{{読み仮名|水車|すいしゃ}}'''は、[[日本]]の[[建物]]である{{Sfn|"
     "山田|1990|p=5}}。"
     "{{lang-en-short|Mill}}とも。{{by|1750年}}に[[東京]]の{{仮リンク|ジョン・スミス|en|John "
     "Smith}}が[[川]]に建てた{{要出典|date=2020年}}。"
     "\n\n== 歴史 "
     "==\n{{Main|歴史}}\n[[粉]]を{{要出典範囲|挽く[[人]]|date=2020年}}は{{ルビ|粉屋|こなや}}と呼ばれ{{R|a}}、"
     "{{補助漢字フォント|碾}}の[[字]]を使う{{efn|例外もある。}}。{{lang|fr|[[パリ|Paris]]}}にもある{{Refnest|注。}}"
     "。\n{{Normdaten}}\n{{建築-stub}}"},
    {"zh",
     "{{NoteTA|1=zh-hans:水车;zh-hant:水車}}\n{{Infobox "
     "building|name=水车}}\n'''水车'''（{{lang-en|Mill}}）是[[中国]]的一种[[建筑]]"
     "{{Sfn|张|1990}}，由{{le|约翰·史密斯|John Smith}}建于[[北京]]{{来源请求}}。{{tsl|en|Mill Hill|磨坊山}}位于[[英国]]"
     "{{fact|time=2020}}，面积{{formatnum:1234}}[[平方公里]]。\n\n== 历史 "
     "==\n{{Main|历史}}\n{{僻字|磨|石}}坊[[工人]]称之为{{lang|fr|[[巴黎|Paris]]}}，"
     "价格{{CNY|500}}[[元]]。{{link-en|磨坊主|Miller}}住在[[河]]边{{r|a}}。\n{{规范控制}}\n{{建築小作品}}"},
    {"pt",
     "{{Info/Edifício|nome=Moinho}}\nO '''Moinho''' ({{lang-en|Mill}}) é um [[moinho de vento]] do {{séc|XVIII}} em "
     "[[Lisboa]], a "
     "{{fmtn|3|km}} do [[mar]].{{carece de fontes|data=2020}} Foi de {{ill|João Lima|en}} e custou {{formatnum:12345}} "
     "[[real|réis]]{{sfn|Lima|1990}} em {{dtlink|1|1|1750}}.\n\n== História ==\n{{Artigo principal|História}}\nO "
     "[[moleiro]] do "
     "{{PBPE|time|equipa}} viu o [[rio]] {{nowrap|[[Tejo]]}} no ano 50 {{a.C.}} perto da [[cidade]].<ref>{{citar "
     "web|url=x}}</ref>"
     "\n\n{{Controle de autoria}}\n{{Portal3|Portugal}}"},
    {"ar",
     "{{صندوق معلومات مبنى}}\n'''الطاحونة''' {{إنج|Mill}} هي [[مبنى]] في [[القاهرة]]{{حقيقة|تاريخ=2020}} بناها "
     "{{وإو|عر=جون سميث|تر=John "
     "Smith|لغ=en}} عام 1750 {{م}} قرب [[النيل]].{{استشهاد ويب|مسار=x}} وتبلغ مساحتها 5 {{كم2}} من [[الأرض]].\n\n== "
     "التاريخ ==\n"
     "{{مفصلة|تاريخ}}\nقال [[النبي]] {{صلى الله عليه وسلم}} في [[مكة]]: نعم.{{ملاحظة|x}} وسميت في [[فرنسا]] {{فرن}} "
     "باسم [[باريس]].\n"
     "{{بذرة مبنى}}\n{{شريط بوابات|مصر}}\n{{ضبط استنادي}}"},
    {"uk",
     "{{Інші значення|Млин}}\n{{Картка будівлі|назва=Млин}}\n'''Млин''' ({{lang-en|Mill}}) — [[будівля]] в "
     "[[Київ|Києві]]{{джерело?}}, "
     "збудована {{дата|1|5|1750}} {{нп|Джон Сміт||en|John Smith}} біля [[Дніпро|Дніпра]]{{sfn|Іваненко|1990}}.\n\n== "
     "Історія ==\n"
     "{{Докладніше|Історія}}\nПлоща {{число|1234}} {{м²}} {{тире}} [[поле]] та {{nobr|[[ліс]]}}, [[мельник]]{{хто?}} і "
     "{{бажане|[[пан]]}}.\n"},
    {"vi",
     "{{Hộp thông tin tòa nhà}}\n'''Cối xay''' ({{lang-en|Mill}}) là [[tòa nhà]] ở [[Hà Nội]]{{cần dẫn nguồn}}, cách "
     "[[biển]] {{đổi|3|km|mi}}."
     "{{sfn|Lê|1990}} Do {{ill|John Smith|en}} xây năm 50 {{TCN}} bên [[sông Hồng]].{{fact|date=2020}}\n\n== Lịch sử "
     "==\n{{Bài chính|Lịch "
     "sử}}\n[[Chủ cối]] nói tiếng {{nguyên văn|[[Pháp]]}}.<ref>{{chú thích web|url=x}}</ref>\n{{Sơ khai}}"},
    {"fa",
     "{{جعبه اطلاعات ساختمان}}\n'''آسیاب''' ({{به انگلیسی|Mill}}) یک [[ساختمان]] در [[تهران]] است.{{مدرک}} آن را "
     "{{پم|جان اسمیت|John "
     "Smith}} در [[ایران]] ساخت{{سخ}}و در [[شیراز]] فروخت.{{یادکرد وب|نشانی=x}}\n\n== تاریخ ==\n{{اصلی|تاریخ}}\nدر "
     "{{چر|[[پاریس]]}} هم "
     "هست.{{پانویس}}\n{{آسیاب-خرد}}"},
    {"ca",
     "{{Infotaula edifici}}\nEl '''Molí''' (en {{lang-en|Mill}}) és un [[molí de vent]] del {{segle|XVIII}} a "
     "[[Barcelona]], a {{unitats|3|km}} "
     "del [[mar]].{{cal citació}} Fou de {{ill|John Smith|en}} l'any 50 {{aC}} prop del [[riu]] "
     "{{nowrap|[[Ebre]]}}.{{sfn|Puig|1990}}"
     "<ref>{{ref-web|url=x}}</ref>\n\n{{Autoritat}}\n{{Esborrany}}"},
    {"ko",
     "{{건물 정보}}\n'''물레방아'''({{llang|en|Mill}})는 [[대한민국]]의 [[건물]]이다.{{출처|날짜=2020}} {{임시 링크|존 "
     "스미스|en|John Smith}}가 "
     "[[서울]]에 지었다.{{sfn|김|1990}} [[강]]은 {{작은|넓은}} [[한강]]이다.<ref>{{웹 인용|url=x}}</ref>\n{{전거 "
     "통제}}\n{{토막글|건물}}"},
    {"cs",
     "{{Infobox - stavba}}\n'''Mlýn''' ({{vjazyce2|en|Mill}}) je [[větrný mlýn]] v [[Praha|Praze]]{{Doplňte zdroj}} u "
     "[[Vltava|Vltavy]].{{sfn|"
     "Novák|1990}} Koupil ho {{ill|John Smith|en}} {{Datum|1|5|1750}} za {{formatnum:12345}} "
     "[[zlatý|zlatých]].<ref>{{Citace "
     "elektronické monografie|url=x}}</ref> {{Kdo?|Mlynář}} znal [[král]]e.\n{{Autoritní data}}\n{{Pahýl}}"},
    {"no",
     "{{Infoboks bygning}}\n'''Møllen''' ({{lang-en|The Mill}}) er en [[vindmølle]] i [[Oslo]]{{trenger referanse}} "
     "ved [[fjord]]en.{{sfn|"
     "Berg|1990}} Den kostet {{formatnum:12345}} [[krone|kroner]] i år 50 {{f.Kr.}} for [[Karl "
     "Berg]].{{når?}}\n\n{{Autoritetsdata}}\n"},
};

size_t kept_links(const Sample& sample) {
  size_t kept = 0;
  for (const kilm::wikitext::Paragraph& paragraph : parse(sample.language, sample.wikitext).paragraphs)
    kept += paragraph.links.size();
  return kept;
}

// Counts links that stand in running text: [[…]] outside of what is left out.
size_t links_in(std::string_view wikitext) {
  size_t count = 0;
  for (size_t at = wikitext.find("[["); at != wikitext.npos; at = wikitext.find("[[", at + 2)) ++count;
  return count;
}

}  // namespace

TEST_CASE("of 100 links in running text of any language at least 97 stay") {
  for (const Sample& sample : kSamples) {
    CAPTURE(sample.language);
    CHECK(kept_links(sample) >= links_in(sample.wikitext) * 97 / 100);
  }
}

TEST_CASE("a name means what it means on the wiki") {
  CHECK(one("fr", "Il dit {{citation|je pars}} et part.") == "Il dit « je pars » et part.");
  CHECK(one("en", "So it is{{citation|title=a}} here.") == "So it is here.");
  CHECK(one("en", "The {{MS|Gripsholm}} sank.") == "The MS Gripsholm sank.");
  CHECK(one("fr", "Le navire {{MS|Gripsholm}} a coulé. Il est vieux.") == "Il est vieux.");
  CHECK(one("de", "Der Fluss {{Main}} ist lang. Er fließt.") == "Er fließt.");
  CHECK(one("tr", "Kent {{MS|50}} yılında kuruldu.") == "Kent MS 50 yılında kuruldu.");
  CHECK(one("it", "Un mulino.{{S|edifici}}") == "Un mulino.");
  CHECK(one("ru", "Это {{s|10 лет}} назад.") == "Это 10 лет назад.");
  CHECK(one("xx", "The {{MS|Gripsholm}} sank in {{circa|1900}}.") == "The MS Gripsholm sank in c. 1900.");
  CHECK(one("de", "Er sprach {{lang|en|[[Word]]s}} aus.") == "Er sprach Words aus.");
}

TEST_CASE("French centuries, dates, numbers and titles are written out") {
  CHECK(one("fr", "Au {{s|I}}, {{s-|XIX|e}}, {{s mini-|II|e}}, {{-s|V}} et {{s2|XVII|e|XVIII|e}}.") ==
        "Au Ier siècle, XIXe siècle, IIe, Ve siècle av. J.-C. et XVIIe et XVIIIe siècles.");
  CHECK(one("fr", "Du {{sp|XI|e|au|XII|e}}, au {{XVIIIe siècle}} et au {{IIIe millénaire av. J.-C.}} ici.") ==
        "Du XIe au XIIe siècle, au XVIIIe siècle et au IIIe millénaire av. J.-C. ici.");
  CHECK(one("fr", "Le {{date|1|janvier|1900}}, le {{date-|2 mai 1900}}, le {{1er janvier}} à {{heure|9|30}}.") ==
        "Le 1er janvier 1900, le 2 mai 1900, le 1er janvier à 9 h 30.");
  CHECK(one("fr",
            "Sur {{unité|12345.5|km|2}}, {{unité|3|à|5|[[mètre|m]]|s|-1}}, {{nombre|1234|habitants}}, "
            "{{unité/2|3|à=5|km}}.") == "Sur 12 345,5 km², 3 à 5 m s⁻¹, 1 234 habitants, 3 à 5 km.");
  CHECK(one("fr",
            "{{M.|Petit}}, {{Mme}} Roy, la 2{{e}}, le {{n°|5}} et Napoléon {{Ier}}{{,}} {{incise|son ami}} y sont.") ==
        "M. Petit, Mme Roy, la 2e, le no 5 et Napoléon Ier – son ami – y sont.");
}

TEST_CASE("what other languages write in their templates is kept") {
  CHECK(one("nl", "Jan (Gouda, {{OudeStijlDatum|22 april|1870|10 april}}) was {{€|5}} kwijt.") ==
        "Jan (Gouda, 22 april 1870) was € 5 kwijt.");
  CHECK(one("de", "Der {{frS|Moulin}} kostet {{Zahl|12345}} Euro, sagt {{\"|ich}}.") ==
        "Der französisch Moulin kostet 12.345 Euro, sagt „ich“.");
  CHECK(one("es", "Del {{siglo|V|a}} al {{siglo|XVIII}}, el {{fecha|1|5|1900}}.") ==
        "Del siglo V a. C. al siglo XVIII, el 1 de mayo de 1900.");
  CHECK(one("it",
            "{{Bio|Nome=Ada|Cognome=Rossi|Sesso=F|LuogoNascita=Roma|AnnoNascita=1900|Attività=attrice|"
            "Nazionalità=italiana}}") == "Ada Rossi (Roma, 1900) è un'attrice italiana.");
  CHECK(one("it",
            "{{Bio|Nome=Ugo|Sesso=M|AnnoMorte=1970|Attività=scultore|Attività2=poeta|Nazionalità=italiano|"
            "PostNazionalità="
            ", noto per i [[mulino|mulini]]}}") == "Ugo è stato uno scultore e poeta italiano, noto per i mulini.");
  CHECK(one("it", "Dista {{M|1234|u=[[metro|m]]}} dal mare.") == "Dista 1.234 m dal mare.");
  CHECK(one("ar", "الطاحونة {{إنج|Mill}} هي {{فرن}} مبنى.") == "الطاحونة (بالإنجليزية: Mill) هي مبنى.");
  CHECK(one("ja", "{{生年月日と年齢|1950|05|1}}に{{仮リンク|甲|en|A|label=乙}}が{{ルビ|丙|へい}}を見た。") ==
        "1950年5月1日に乙が丙を見た。");
  CHECK(one("sv", "Den är {{convert|12345|km|mi}} lång.") == "Den är 12 345 km lång.");
  CHECK(one("pl", "Młyn {{ang.|Mill}} ma {{fakt|pięć [[skrzydło|skrzydeł]]}}.") == "Młyn ang. Mill ma pięć skrzydeł.");
}
