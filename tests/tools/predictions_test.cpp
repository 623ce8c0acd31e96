#include "tools/commands/predictions.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/folder.h"

using kilm::predictions::Example;
using tools::PredictionOutput;

namespace {

const std::string kRow = "{\"prediction\": \"a\", \"reference\": \"b\"}\n";

}  // namespace

TEST_CASE("predictions: rows appear in a file together, or not at all") {
  const Folder folder;
  {
    PredictionOutput given_up(folder / "file");
    given_up.write(Example{"x", "y", {}});
  }
  CHECK(std::filesystem::is_empty(folder.path));
  PredictionOutput output(folder / "file");
  output.write(Example{"a", "b", {}});
  output.write(Example{"a", "b", {}});
  CHECK(!std::filesystem::exists(folder / "file"));
  output.commit();
  CHECK(base::read_file(folder / "file") == kRow + kRow);

  PredictionOutput again(folder / "file");  // its own
  again.write(Example{"a", "b", {}});
  again.commit();
  CHECK(base::read_file(folder / "file") == kRow);
}

TEST_CASE("predictions: without a path rows go nowhere; standard output and other files are refused") {
  PredictionOutput nowhere(std::nullopt);
  nowhere.write(Example{"a", "b", {}});
  nowhere.commit();
  CHECK_THROWS_AS(PredictionOutput("-"), base::UsageError);
  const Folder folder;
  for (const char* text : {"text\n", "{\"prediction\": \"a\"}\n"}) {
    folder.write("file", text);
    CHECK_THROWS_WITH_AS(PredictionOutput(folder / "file"), doctest::Contains("not made by this command"),
                         base::UsageError);
    CHECK(base::read_file(folder / "file") == text);
  }
  CHECK_THROWS_AS(PredictionOutput(folder.path), base::UsageError);
  PredictionOutput forced(folder / "file", true);
  forced.write(Example{"a", "b", {}});
  forced.commit();
  CHECK(base::read_file(folder / "file") == kRow);
}
