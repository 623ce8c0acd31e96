#include "tensor/base/choice.h"

#include <doctest/doctest.h>

#include "tensor/base/error.h"

namespace {

enum class Fruit { apple, pear, plum, stone };
const char* name(Fruit fruit) {
  constexpr const char* kNames[] = {"apple", "pear", "plum", "stone"};
  return kNames[size_t(fruit)];
}
constexpr Fruit kEdible[] = {Fruit::plum, Fruit::apple, Fruit::pear};

}  // namespace

TEST_CASE("choice: a name stands for its value, and another one is refused with the list") {
  for (const Fruit fruit : kEdible) CHECK(base::parse_choice<Fruit>(name(fruit), kEdible) == fruit);
  CHECK(base::names_of<Fruit>(kEdible) == std::vector<std::string>{"plum", "apple", "pear"});
  for (const char* wrong : {"stone", "Plum", "plums", ""})
    CHECK_THROWS_WITH_AS(base::parse_choice<Fruit>(wrong, kEdible),
                         (std::string(wrong) + " should be plum, apple or pear").c_str(), base::UsageError);
  CHECK_THROWS_WITH_AS(base::place_of("x", {"a"}), "x should be a", base::UsageError);
}
