#include "tensor/base/json.h"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/base/error.h"

using base::DamagedInput;
using base::Json;
using base::parse_json;

TEST_CASE("json: values keep their order, type and exact numbers") {
  const std::string text = R"({"b": [1, -2.5, 1e300], "a": {"x": null, "y": true}, "s": "\u00e9\n"})";
  const Json json = parse_json(text, "test");
  CHECK(json.members()[0].first == "b");
  CHECK(json.at("b").items()[0].is_int());
  CHECK(json.at("b").items()[1].as_number() == -2.5);
  CHECK(json.at("s").as_string() == "\u00e9\n");
  CHECK(parse_json(json.dump(), "test") == json);
  CHECK(parse_json(json.dump(2), "test") == json);
  const double third = 1.0 / 3;
  CHECK(parse_json(Json(third).dump(), "test").as_number() == third);
  CHECK(Json(std::numeric_limits<double>::quiet_NaN()).dump() == "null");
}

TEST_CASE("json: broken text is refused with source, offset and reason") {
  CHECK_THROWS_WITH_AS(parse_json(R"({"a": 1, "a": 2})", "f.json"), "f.json: duplicate key \"a\"", DamagedInput);
  CHECK_THROWS_WITH_AS(parse_json("[1, }", "f.json"), doctest::Contains("f.json: offset 5: not JSON"), DamagedInput);
  CHECK_THROWS_WITH_AS(parse_json(std::string(5000000, '['), "f.json"), "f.json: nested deeper than 64 levels",
                       DamagedInput);
  CHECK_THROWS_AS(parse_json("\"\xff\"", "f.json"), DamagedInput);
  CHECK_THROWS_AS(parse_json("", "f.json"), DamagedInput);
  CHECK_THROWS_WITH_AS(parse_json("[1, [], {}, 2]", "f.json", {.values = 4}), "f.json: holds more than 4 values",
                       DamagedInput);
  CHECK(parse_json("[1, [], {}, 2]", "f.json", {.values = 5}).items().size() == 4);
  CHECK_THROWS_WITH_AS(parse_json("[1, 2]", "f.json", {.bytes = 3}), "f.json: 6 bytes of JSON are above the limit of 3",
                       DamagedInput);
}

TEST_CASE("json: wrong types say what was expected") {
  CHECK_THROWS_WITH(Json("x").as_int(), "expected an integer, found a string");
  CHECK_THROWS_WITH(Json::object().at("k"), "no entry \"k\"");
}

TEST_CASE("json: a string literal replaces bytes that are not UTF-8") {
  std::string out;
  base::append_json_string(out, "a\"\x01\xc3\x28\xed\xa0\x80z");
  CHECK(out == "\"a\\\"\\u0001\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
}
