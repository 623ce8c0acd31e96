// A dump of forty things that link to each other, with redirects to them and to redirects. It has a disambiguation
// page, a list, a category and a link to nowhere.
#pragma once

#include <string>

inline std::string dump_page(int id, const std::string& title, const std::string& text, int ns = 0) {
  return "<page><title>" + title + "</title><ns>" + std::to_string(ns) + "</ns><id>" + std::to_string(id) +
         "</id><revision><text>" + text + "</text></revision></page>\n";
}

inline std::string small_dump() {
  constexpr int kThings = 40;
  std::string xml = "<mediawiki xml:lang=\"en\">\n";
  const auto link = [](int i) {
    const std::string n = std::to_string(i % kThings);
    return i % 3 == 0 ? "[[T" + n + "|the " + n + "th thing]]"
                      : "[[thing_" + n + "|thing " + n + "]]";  // T is a redirect
  };
  for (int i = 0; i < kThings; ++i) {
    const std::string n = std::to_string(i);
    std::string text = "{{Short description|Thing of number " + n + "}}\n'''Thing " + n +
                       "''' is one of the things that this dump tells about, next to " + link(i + 1) + ".\n\n";
    for (int k = 2; k < 7; ++k)
      text += "In paragraph " + std::to_string(k) + " thing " + n + " meets " + link(i + k * k) + " and also " +
              link(i + 5 * k) + ", but never [[Nowhere]] at all.\n\n";
    xml += dump_page(i + 1, "Thing " + n, text + "== Later ==\nMuch later thing " + n + " was " + link(i + 3) + ".\n");
    xml += dump_page(i + 101, "T" + n, "#REDIRECT [[Thing " + n + "]]");
  }
  xml += dump_page(201, "Tee", "#redirect [[T3#Part]]");
  xml += dump_page(202, "Circle", "#REDIRECT [[Round]]") + dump_page(203, "Round", "#REDIRECT [[Circle]]");
  xml += dump_page(204, "Things", "'''Things''' may refer to:\n* [[Thing 1]]\n{{disambiguation}}");
  xml += dump_page(205, "List of things", "This list of things has an introduction with [[Thing 2|thing 2]] in it.");
  xml += dump_page(206, "Category:Things", "Things of all kinds, and [[Thing 4]].", 14);
  xml += dump_page(207, "Thing 1", "The same title a second time.");
  return xml + "</mediawiki>\n";
}
