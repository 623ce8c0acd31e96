#include "tensor/base/scoped.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <type_traits>

using base::Scoped;

TEST_CASE("a scoped value holds in its scope, and the one before comes back") {
  std::string word = "outer";
  {
    const Scoped middle(word, std::string("middle"));
    CHECK(word == "middle");
    {
      const Scoped inner(word, std::string("inner"));
      CHECK(word == "inner");
      CHECK(inner.before() == "middle");
    }
    CHECK(word == "middle");
  }
  CHECK(word == "outer");
}

TEST_CASE("the value before comes back after an exception, too") {
  int number = 1;
  try {
    const Scoped two(number, 2);
    throw std::runtime_error("leave");
  } catch (const std::runtime_error&) {
  }
  CHECK(number == 1);
}

static_assert(!std::is_copy_constructible_v<Scoped<int>> && !std::is_copy_assignable_v<Scoped<int>>);
