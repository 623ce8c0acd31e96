#include "kilm/text/sentence.h"

#include <doctest/doctest.h>

using kilm::text::first_sentence;

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
  CHECK(kilm::text::sentence_ends(text) == std::vector<size_t>{4, 20, 29, 35});
  CHECK(kilm::text::sentence_ends("") == std::vector<size_t>{0});
  CHECK(kilm::text::sentence_ends("a。b") == std::vector<size_t>{4, 5});
  std::string unclosed;
  for (int i = 0; i < 50000; ++i) unclosed += "(Ab. ";
  CHECK(kilm::text::sentence_ends(unclosed).size() == 50001);
}
