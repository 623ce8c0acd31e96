#include "kilm/text/sentence.h"

#include <doctest/doctest.h>

#include "kilm/languages/sentence_rules.h"

using kilm::languages::sentence_rules;
using kilm::text::Quotations;

namespace {

std::string first_sentence(std::string_view text, std::string_view language = {}) {
  return kilm::text::first_sentence(text, sentence_rules(language));
}

std::vector<size_t> sentence_ends(std::string_view text) { return kilm::text::sentence_ends(text, sentence_rules({})); }

}  // namespace

TEST_CASE("the first sentence ends where a reader ends it") {
  for (const char* sentence : {
           "Alabama is a U.S. state in the south.",
           "Dr. John F. Kennedy Jr. met St. Peter at c. 3.14 p.m. today.",
           "E. R. Josep wrote it in the U.S. Army.",
           "It cost $3.50 (approx. 2.9 euros).",
           "Foo (born 1 May 1950. He died later) is a man.",
           "He said \"It is over.\"",
           "They wrote it (in the Army, i.e. Texas).",
           "What is it?",
           "The wait is over...",
           "Acme Inc. makes things.",
           "日本は国である。",
       }) {
    CAPTURE(sentence);
    CHECK(first_sentence(std::string(sentence) + " The rest follows. And more.") == sentence);
    CHECK(first_sentence(sentence) == sentence);
  }
  CHECK(first_sentence("He lived in the U.S. He died.") == "He lived in the U.S.");
  CHECK(first_sentence("It is lower. case goes on. End.") == "It is lower. case goes on.");
  CHECK(first_sentence("Foo (bar is a man. He died.") == "Foo (bar is a man.");
  CHECK(first_sentence(" no end ") == "no end");
  CHECK(first_sentence("") == "");
}

TEST_CASE("the first sentence ends with the full stop of its script") {
  for (const char* sentence :
       {"Ջրաղացը հին շենք է։", "Գիրքը «Ջրաղաց» է։", "Ջրաղացը հին շենք է:", "Ծնվել է 1950 թ. մայիսին, 10։30-ին։",
        "چکی ایک پرانی عمارت ہے۔", "وہ پی۔ایچ۔ڈی ہے۔", "کیا یہ پرانی ہے؟", "ወፍጮ አሮጌ ሕንፃ ነው።", "ကြိတ်စက် သည် အဆောက်အအုံ ဖြစ်သည်။",
        "ម៉ាស៊ីន គឺជាអគារ។", "डॉ. राम एक चक्की है।", "རང་འཐག་ཞིག་ཡིན།", "ᱱᱚᱣᱟ ᱫᱚ ᱢᱤᱫ ᱚᱲᱟᱜ ᱠᱟᱱᱟ᱾", "ꦥꦁꦒꦶꦭꦶꦁꦔꦤ꧀꧉",
        "水車は建物である｡"}) {
    CAPTURE(sentence);
    CHECK(first_sentence(sentence) == sentence);
    CHECK(first_sentence(std::string(sentence) + " " + sentence) == sentence);
  }
  CHECK(first_sentence("Մասերը: ա, բ") == "Մասերը: ա, բ");
  CHECK(first_sentence("The word ջրաղաց: it is old. Ok.") == "The word ջրաղաց: it is old.");
}

TEST_CASE("sentences together are the text") {
  const std::string text = "One. Two (a. B) \"c!\" Dr. Who. Three";
  CHECK(sentence_ends(text) == std::vector<size_t>{4, 20, 29, 35});
  CHECK(sentence_ends("") == std::vector<size_t>{0});
  CHECK(sentence_ends("a。b") == std::vector<size_t>{4, 5});
  std::string unclosed;
  for (int i = 0; i < 50000; ++i) unclosed += "(Ab. ";
  CHECK(sentence_ends(unclosed).size() == 50001);
}

TEST_CASE("what a language shortens ends no sentence in it, and what begins one behind it does") {
  struct Case {
    const char *language, *first, *rest;
  };
  for (const Case& c : {
           Case{"de", "Der 1. FC Bonn und der 2. Vorsitzende kamen am 3. Mai ins 18. Jahrhundert.", "Danach ging er."},
           Case{"de", "Es ist z. B. Holz, d. h. Er und u. a. Sie, bzw. Nr. 12 mit ca. 3 Mio. Menschen.", "Hans kam."},
           Case{"de", "Die Mühle wurde 50 v. Chr. in Bonn erbaut, lt. Dr. Otto am 1.–3. Juni.", "Otto ging."},
           Case{"de", "Das geschah im Jahr 1702.", "Hans kam."},
           Case{"de", "Er wurde beim Rennen der 3.", "Sie kam."},
           Case{"de", "Heinrich I. Bonn folgte Otto II. Mainz.", "Er starb."},
           Case{"de", "Er ist 3 Jahre alt.", "Er ist dort."},
           Case{"de", "Er lebt von der Art.", "Hans kam."},
           Case{"da", "Slaget stod den 2. Juni ved 1. Bro under Christian 4. Holm.", "Han er gammel."},
           Case{"fi", "Se on 3. Turku n. Turussa, esim. Helsinki.", "Hän on vanha."},
           Case{"pl", "Stał tu 3. Pułk i św. Jan w XVIII w. Kowalski z ul. Długiej.", "Jest stary."},
           Case{"cs", "Karel IV. Praze dal 1. Most a tzv. Hrad.", "Je starý."},
           Case{"hu", "Itt volt IV. Béla és 2. András dr. Nagy.", "Ez öreg."},
           Case{"tr", "Bu 3. Mehmed ve II. Osman ile Dr. Ali.", "Bu eski."},
           Case{"ru", "А. С. Пушкин в 1702 г. Пётр у г. Москва в обл. России и ул. Мира.", "Он стар."},
           Case{"ru", "Её построил в 1702 г.", "Он стар."},
           Case{"ru", "Это было до н. э. Египет и т. д. Рим.", "Он стар."},
           Case{"ru", "Построена Петром I.", "Высота её мала."},
           Case{"uk", "Т. Г. Шевченко 1410 р. Іван на р. Прут в обл. України.", "Він старий."},
           Case{"fr", "Né en 106 av. J.-C. Paris, t. III, chap. 3, MM. D et Dupont, M. Pierre.", "Il est vieux."},
           Case{"fr", "Il aime l’art.", "Il est vieux."},
           Case{"fr", "Elle dit oui.", "« Oui » est un mot."},
           Case{"es", "El Sr. López de EE. UU. Roma, Av. Juárez, 106 a. C. Roma.", "Es viejo."},
           Case{"es", "Fue a EE. UU.", "Luego vino."},
           Case{"pt", "O Sr. João da Av. Paulista em 106 a. C. Roma.", "Ele morreu."},
           Case{"it", "L'on. Rossi e il sig. Bianchi, l’avv. Verdi, 106 a.C. Roma.", "È vecchio."},
           Case{"nl", "Hij zag dr. Jan en St. Jan, nr. 3, o.a. Piet.", "Hij is oud."},
           Case{"nl", "Hij nam foto's.", "Jan kwam."},
           Case{"sv", "Han såg bl. a. Anna, t. ex. Bo och Dr. Lind.", "Han kom."},
           Case{"el", "Ο Α. Παππάς και ο κ. Δήμου π.χ. Αθήνα.", "Είναι νέος."},
           Case{"el", "Είναι παλιός;", "Είναι νέος."},
           Case{"vi", "TP. Huế và GS. Nguyễn.", "Ông là thầy."},
           Case{"ar", "د. أحمد في 480 ق.م. في أثينا.", "وهو طبيب."},
           Case{"ja", "Yahoo! JAPANは企業である。", "新しい。"},
           Case{"ja", "モーニング娘。は、歌手である。", "新しい。"},
           Case{"ja", "モーニング娘。（むすめ）は歌手である。", "が、新しい。"},
           Case{"ja", "水車（すいしゃ。英: mill）は機械である。", "にも。"},
           Case{"zh", "水车（拼音：shuǐchē。英文：mill）是机械．", "新的．"},
           Case{"zh", "水车高３．５米．", "新的．"},
           Case{"hi", "क्या यह पुराना है?", "हाँ, पुराना है। यह नया है।"},
           Case{"en", "It is by Foo feat. Bar, É. Zola and А. С. Попов.", "It is old."},
           Case{"", "It is No. 5 by Dr. Foo.", "Bar is old."},
           Case{"tlh", "It is No. 5 by Dr. Foo.", "Bar is old."},
       }) {
    CAPTURE(c.first);
    CHECK(first_sentence(std::string(c.first) + " " + c.rest, c.language) == c.first);
    CHECK(first_sentence(c.first, c.language) == c.first);
  }
}

TEST_CASE("a quotation may hold sentences together, in the quotes of its language") {
  const auto first = [](const char* text, Quotations quotations) {
    return kilm::text::first_sentence(text, sentence_rules("en"), quotations);
  };
  for (const char* sentence :
       {"He said \"It is fine. She is here.\"", "Er sagte „Es ist gut. Sie ist da.“", "Il dit « Oui. Elle est là. »",
        "He said “It is fine. She is here.”", "Sie sagte »Gut. Er ist da.«", "Hon sade ”Bra. Hon kom.”",
        "彼は「良い。『悪い。』だ。」と言った。"}) {
    CAPTURE(sentence);
    const std::string text = std::string(sentence) + " He left.";
    CHECK(first(text.c_str(), Quotations::whole) == sentence);
    CHECK(first(text.c_str(), Quotations::parted).size() < std::string_view(sentence).size());
  }
  CHECK(first("A \"b. The gun is long. It is \"new.", Quotations::whole) == "A \"b. The gun is long.");
  CHECK(first("A 5\" gun. A 6\" gun.", Quotations::whole) == "A 5\" gun.");
  CHECK(first("A “gun. The other.", Quotations::whole) == "A “gun.");
  std::string nested;
  for (int i = 0; i < 50000; ++i) nested += "„Am «Bier. ";
  CHECK(kilm::text::sentence_ends(nested, sentence_rules("de"), Quotations::whole).size() == 50001);
}
