#include "kilm/languages/disambiguation.h"

#include <doctest/doctest.h>

using kilm::languages::is_disambiguation_template;
using kilm::languages::is_disambiguation_title;

TEST_CASE("templates mark disambiguation pages in many languages") {
  for (const char* name : {"disambig",

                           "hndis",
                           "begriffsklärung",
                           "homonymie de personnes",
                           "desambiguación",
                           "desambiguação",
                           "desambiguació",
                           "disambigua/titolo",
                           "dp",
                           "förgrening",
                           "peker",
                           "flertydig",
                           "täsmennyssivu",
                           "неоднозначность",
                           "багатозначність",
                           "ujednoznacznienie",
                           "rozcestník - příjmení",
                           "egyért-szn",
                           "dezambiguizare",
                           "αποσαφήνιση",
                           "anlam ayrımı",
                           "dəqiqləşdirmə",
                           "apartigilo",
                           "discretiva",
                           "地名の曖昧さ回避",
                           "消歧義",
                           "동명이인",
                           "trang định hướng",
                           "توضيح",
                           "ابهام‌زدایی",
                           "פירושונים",
                           "बहुविकल्पी शब्द",
                           "bkl",
                           "begriffsklärig",
                           "однофамильцы",
                           "мәгънәләр",
                           "disambiguasi"}) {
    CAPTURE(name);
    CHECK(is_disambiguation_template(name));
  }
  for (const char* name : {"", "begriffsklärungshinweis", "disambiguation needed", "disambigr", "nota disambigua",
                           "voir homonymes", "要曖昧さ回避", "mill", "-", "/"})
    CHECK_FALSE(is_disambiguation_template(name));
}

TEST_CASE("titles tell disambiguation pages in many languages") {
  for (const char* title :
       {"Mercury (disambiguation)", "Merkur (Begriffsklärung)", "Mercure (homonymie)", "Mercurio (desambiguación)",
        "Меркурий (значения)", "水星 (曖昧さ回避)", "水星（曖昧さ回避）", "水星 (消歧義)", "수성 (동음이의)",
        "Merkür (anlam ayrımı)", "Merkur (rozcestník)", "عطارد (توضيح)"}) {
    CAPTURE(title);
    CHECK(is_disambiguation_title(title));
  }
  for (const char* title : {"", "Disambiguation", "(disambiguation)", "Mercury (planet)", "Mercury (disambiguation) x",
                            ")", "Mercury disambiguation)"})
    CHECK_FALSE(is_disambiguation_title(title));
}
