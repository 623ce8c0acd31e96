#include "kilm/languages/magic_words.h"

#include <doctest/doctest.h>

TEST_CASE("magic words of all languages are known, most in any case") {
  for (const char* name : {"NOTOC", "notoc", "ForceToc", "INDEX", "KEIN_INHALTSVERZEICHNIS", "kein_inhaltsverzeichnis",
                           "БЕЗ_ОГЛ", "без_оглавления", "目次非表示", "无目录", "DISAMBIG", "HIDDENCAT", "AUCUNETDM"})
    CHECK_MESSAGE(kilm::languages::is_magic_word(name), name);
  for (const char* name : {"", "init", "index", "noindex", "FILE", "LINE", "VA_ARGS", "name", "NOTOC "})
    CHECK_MESSAGE(!kilm::languages::is_magic_word(name), name);
}
