#include "kilm/generation/trie.h"

#include <doctest/doctest.h>

#include <cstring>
#include <set>

#include "kilm/objective/draws.h"
#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

using base::DamagedInput;
using kilm::generation::Trie;

namespace {

using Ids = std::vector<int32_t>;

const std::vector<Ids> kLists = {{7, 3}, {5}, {7, 3, 9}, {5}, {7, 1, 2, 4}};

// Finds every list that a walk from a node meets, behind what led there.
void walk(const Trie& trie, Trie::Node node, const Ids& before, std::set<Ids>& found) {
  if (trie.ends(node)) found.insert(before);
  for (const int32_t token : trie.children(node)) {
    Ids ids = before;
    ids.push_back(token);
    const auto child = trie.child(node, token);
    if (child) walk(trie, *child, ids, found);
  }
}

std::set<Ids> lists_of(const Trie& trie) {
  std::set<Ids> found;
  walk(trie, Trie::kRoot, {}, found);
  return found;
}

}  // namespace

TEST_CASE("trie: a walk finds the lists that were written, each once") {
  const Folder folder;
  CHECK(kilm::generation::write_trie(folder / "t.kdt", kLists, "abc") == 8);
  const Trie trie(folder / "t.kdt", "abc");
  CHECK(trie.nodes() == 8);
  CHECK(trie.children(Trie::kRoot) == Ids{5, 7});
  CHECK(!trie.child(Trie::kRoot, 6));
  CHECK(!trie.ends(Trie::kRoot));
  CHECK(lists_of(trie) == std::set<Ids>(kLists.begin(), kLists.end()));
}

TEST_CASE("trie: thousands of random lists come back") {
  const Folder folder;
  kilm::objective::Draws draws(3, kilm::objective::Purpose::order, 0, 0);
  std::vector<Ids> lists(3000);
  for (Ids& list : lists) {
    list.resize(size_t(1 + draws.below(5)));
    for (int32_t& token : list) token = int32_t(draws.below(6));
  }
  kilm::generation::write_trie(folder / "t.kdt", lists, "");
  CHECK(lists_of(Trie(folder / "t.kdt")) == std::set<Ids>(lists.begin(), lists.end()));
}

TEST_CASE("trie: no lists, an empty one and those of another tokenizer are refused") {
  const Folder folder;
  const std::string path = folder / "t.kdt";
  CHECK_THROWS_WITH_AS(kilm::generation::write_trie(path, {}, ""),
                       (path + ": there are no lists, a trie should have one").c_str(), base::UsageError);
  CHECK_THROWS_WITH_AS(kilm::generation::write_trie(path, {{3}, {}}, ""),
                       (path + ": a list is empty, it should have a token").c_str(), base::UsageError);
  kilm::generation::write_trie(path, kLists, "abc");
  CHECK_THROWS_WITH_AS(Trie(path, "xyz"), (path + ": was made with the tokenizer abc, but this is xyz").c_str(),
                       base::UsageError);
}

TEST_CASE("trie: flipped bytes are found, and lead no walk outside") {
  const Folder folder;
  kilm::generation::write_trie(folder / "t.kdt", kLists, "abc");
  const std::string good = base::read_file(folder / "t.kdt");
  int refused = 0;
  for (size_t at = 0; at < good.size(); ++at)
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string bad = good;
      bad[at] = char(bad[at] ^ flip);
      folder.write("bad", bad);
      try {
        const Trie trie(folder / "bad");
        try {
          lists_of(trie);
        } catch (const DamagedInput&) {
        }
        trie.verify();
      } catch (const DamagedInput&) {
        ++refused;
      }
    }
  CHECK(refused == int(good.size()) * 3);
  for (size_t size = 0; size < good.size(); ++size) {
    folder.write("bad", std::string_view(good).substr(0, size));
    CHECK_THROWS_AS(Trie(folder / "bad", "abc"), DamagedInput);
  }
}

TEST_CASE("trie: nodes that make no trie are refused, although their digest is right") {
  const Folder folder;
  const auto refusal = [&](std::vector<uint32_t> table) {
    kilm::dataset::RecordWriter writer(folder / "bad", kilm::dataset::RecordKind::trie);
    writer.add("abc");
    writer.add({reinterpret_cast<const char*>(table.data()), table.size() * sizeof(uint32_t)});
    writer.commit();
    try {
      const Trie trie(folder / "bad", "abc");
    } catch (const DamagedInput& error) {
      return std::string(error.what()).substr((folder / "bad: ").size());
    }
    return std::string("accepted");
  };
  constexpr uint32_t kEnds = uint32_t(1) << 31;
  CHECK(refusal({0, 1, 5 | kEnds, 3, 6 | kEnds, 3, 0, 3}) == "accepted");
  CHECK(refusal({0, 1, 6 | kEnds, 3, 5 | kEnds, 3, 0, 3}) == "node 2: token 5 should be above 6");
  CHECK(refusal({0, 1, 5 | kEnds, 3, 6, 3, 0, 3}) == "node 2 ends nowhere");
  CHECK(refusal({0, 1, 5 | kEnds, 3, 6 | kEnds, 2, 0, 3}) == "node 1: children [3, 2) should be in [2, 3]");
  CHECK(refusal({0, 1, 5 | kEnds, 3, 6 | kEnds, 9, 0, 3}) == "node 1: children [3, 9) should be in [2, 3]");
  CHECK(refusal({0, 1}) == "8 bytes are no nodes of a trie");
  CHECK(refusal({0, 1, 5}) == "12 bytes are no nodes of a trie");
}
