#include "kilm/disambiguation/contexts.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using kilm::disambiguation::Contexts;
using kilm::evaluation::MentionCandidate;

namespace {

const std::string kParagraphs =
    R"x({"id": 1, "text": "Mercury orbits the sun as a planet.", "links": [{"start": 0, "end": 7, "title": "Mercury (planet)"}]}
{"id": 2, "text": "Mercury melts in cold thermometers.", "links": [{"start": 0, "end": 7, "title": "mercury_(element)"}]}
{"id": 3, "text": "Bridges cross rivers.", "links": []}
{"id": 4, "text": "Mercury brought messages of gods.", "links": [{"start": 0, "end": 7, "title": "Mercury (god)"}, {"start": 8, "end": 9, "title": "Mercury (god)"}]}
)x";

std::optional<size_t> nearest(const Contexts& contexts, const std::string& text, std::vector<std::string> titles) {
  kilm::evaluation::MentionItem mention{.text = std::make_shared<const std::string>(text)};
  for (const std::string& title : titles) mention.candidates.push_back({title});
  return contexts.nearest(mention);
}

}  // namespace

TEST_CASE("the nearest candidate is that with the best paragraph, of equal ones the earlier") {
  const Folder folder;
  folder.write("paragraphs", kParagraphs);
  const Contexts contexts(folder / "paragraphs");
  const std::vector<std::string> titles = {"Mercury (band)", "Mercury (planet)", "Mercury (element)", "Mercury (god)"};
  CHECK(nearest(contexts, "thermometers hold mercury", titles) == 2);
  CHECK(nearest(contexts, "a planet near its sun", titles) == 1);
  CHECK(nearest(contexts, "messages", titles) == 3);
  CHECK(nearest(contexts, "rivers", titles) == 0);
  CHECK(nearest(contexts, "nothing of it", {"Mercury (god)", "Mercury (planet)"}) == 0);
  CHECK(!nearest(contexts, "messages", {}));
}

TEST_CASE("paragraphs: damage is named with its line") {
  const Folder folder;
  for (const char* line :
       {"{\"text\": \"a\"}", "{\"links\": []}", "{\"text\": \"a\", \"links\": [{\"title\": \"\"}]}", "{"}) {
    folder.write("paragraphs", kParagraphs + line + "\n");
    CHECK_THROWS_WITH_AS(Contexts(folder / "paragraphs"), doctest::Contains("paragraphs: line 5: "),
                         base::DamagedInput);
  }
  folder.write("paragraphs", "");
  CHECK_THROWS_WITH_AS(Contexts(folder / "paragraphs"), doctest::Contains("holds no paragraph"), base::DamagedInput);
}
