#include "kilm/prepare/external/spool.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tests/kilm/folder.h"

TEST_CASE("spool: records come out as often as wanted, and no file is seen") {
  const Folder folder;
  kilm::prepare::Spool spool(folder.path);
  const std::string longest(3 << 20, 'x');
  for (const std::string& record : {std::string("one"), std::string(), longest}) spool.add(record);
  CHECK(std::filesystem::is_empty(folder.path));
  for (int round = 0; round < 2; ++round) {
    spool.rewind();
    std::string_view record;
    REQUIRE(spool.next(record));
    CHECK(record == "one");
    REQUIRE(spool.next(record));
    CHECK(record == "");
    REQUIRE(spool.next(record));
    CHECK(record == longest);
    CHECK(!spool.next(record));
  }
  CHECK_THROWS_AS(kilm::prepare::Spool("/nowhere"), base::Error);
}
