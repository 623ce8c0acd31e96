#include "tools/encyclopedia/variants.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace tools::encyclopedia;

namespace {

// Returns the short descriptions of articles by title.
std::map<std::string, std::string> descriptions(const std::vector<Page>& pages) {
  const std::string open = "{{Short description|";
  std::map<std::string, std::string> found;
  for (const Page& page : pages)
    if (page.ns == 0 && page.text.starts_with(open))
      found[page.title] = page.text.substr(open.size(), page.text.find("}}") - open.size());
  return found;
}

// Returns what stands behind the short description, of a page without templates all of it.
std::string rest(const Page& page) { return page.text.substr(std::min(page.text.find("}}"), page.text.size())); }

const std::vector<Page>& pages() {
  static const std::vector<Page> pages = write_pages(read_tables(KILM_FACTS));
  return pages;
}

}  // namespace

TEST_CASE("permuted descriptions are those of others, all of them once") {
  const auto before = descriptions(pages()), after = descriptions(with_permuted_descriptions(pages()));
  REQUIRE(before.size() > 400);
  std::multiset<std::string> all_before, all_after;
  for (const auto& [title, description] : before) {
    all_before.insert(description);
    all_after.insert(after.at(title));
    CHECK(description != after.at(title));
  }
  CHECK(all_before == all_after);
}

TEST_CASE("permuted descriptions leave the rest of each page as it was") {
  const std::vector<Page> permuted = with_permuted_descriptions(pages());
  REQUIRE(permuted.size() == pages().size());
  for (size_t i = 0; i < permuted.size(); ++i) {
    CHECK(permuted[i].title == pages()[i].title);
    CHECK(rest(permuted[i]) == rest(pages()[i]));
  }
}

TEST_CASE("knowledge as text stands behind each link to a described article, through redirects") {
  const std::vector<Page> made = with_knowledge_as_text({
      {0, "Bell", "", "{{Short description|What rings}}\nIt is made by [[tin|Tin workers]] in [[Nowhere]]."},
      {0, "Tin", "", "{{Short description|Soft metal}}\nIt is in ''[[bell]]s'', [[The bell|it]] and [[no"},
      {0, "The bell", "Bell", "#REDIRECT [[Bell]]"},
      {4, "Wikipedia:About", "", "See [[Bell]]."},
  });
  CHECK(made[0].text ==
        "{{Short description|What rings}}\nIt is made by [[tin|Tin workers]] (Tin: Soft metal) in "
        "[[Nowhere]].");
  CHECK(made[1].text ==
        "{{Short description|Soft metal}}\nIt is in ''[[bell]]s (Bell: What rings)'', [[The bell|it]] "
        "(Bell: What rings) and [[no");
  CHECK(made[2].text == "#REDIRECT [[Bell]]");
  CHECK(made[3].text == "See [[Bell]].");
}
