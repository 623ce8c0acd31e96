#include "kilm/job/manifest.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tensor/base/error.h"
#include "tensor/base/file.h"
#include "tests/kilm/toy.h"

using base::Json;

namespace {

struct Sample {
  Folder folder;
  Sample() {
    std::filesystem::create_directories(folder / "inner");
    std::ofstream(folder / "a") << "first";
    std::ofstream(folder / "inner/b") << "second";
    std::ofstream(folder / "empty");
    Json head = Json::object();
    head.set("schema", 7);
    kilm::job::write_manifest(folder.path.string(), head);
  }
  // Lists the file `a` under another name.
  void rename_a(const std::string& name) const {
    const Json manifest = kilm::job::verify_manifest(folder.path.string());
    Json files = Json::object();
    for (const auto& [file, entry] : manifest.at("files").members()) files.set(file == "a" ? name : file, entry);
    Json renamed = Json::object({{"files", files}});
    const std::string text = renamed.dump(2);
    renamed.set("self", base::sha256_hex(std::as_bytes(std::span(text))));
    std::ofstream(folder / "manifest.json") << renamed.dump(2) << "\n";
  }
  std::string damage() const {
    try {
      kilm::job::verify_manifest(folder.path.string());
    } catch (const base::DamagedInput& error) {
      return std::string(error.what()).substr(folder.path.string().size() + 1);
    }
    return "none";
  }
};

}  // namespace

TEST_CASE("a manifest lists every file below its folder and verifies") {
  const Sample sample;
  const Json manifest = kilm::job::verify_manifest(sample.folder.path.string());
  CHECK(manifest.at("schema").as_int() == 7);
  std::string names;
  for (const auto& [name, entry] : manifest.at("files").members()) names += name + " ";
  CHECK(names == "a empty inner/b ");
  const Json& entry = manifest.at("files").at("a");
  CHECK(entry.at("bytes").as_int() == 5);
  CHECK(entry.at("sha256").as_string() == base::sha256_hex(std::as_bytes(std::span(std::string_view("first")))));
}

TEST_CASE("digests at hand are taken instead of read") {
  const Sample sample;
  kilm::job::write_manifest(sample.folder.path.string(), Json::object(), {{"a", {"sha", "xxh"}}});
  CHECK(kilm::job::verify_manifest(sample.folder.path.string(), false).at("files").at("a").at("sha256").as_string() ==
        "sha");
  CHECK(sample.damage() == "a: its bytes do not match the digest in manifest.json");
}

TEST_CASE("damage is found and named") {
  const Sample sample;
  SUBCASE("another byte") {
    std::ofstream(sample.folder / "inner/b") << "sEcond";
    CHECK(sample.damage() == "inner/b: its bytes do not match the digest in manifest.json");
    kilm::job::verify_manifest(sample.folder.path.string(), false);  // not looked at
  }
  SUBCASE("a byte less") {
    std::ofstream(sample.folder / "inner/b") << "secon";
    CHECK(sample.damage() == "inner/b: has 5 bytes, manifest.json says 6");
  }
  SUBCASE("a file that is gone") {
    std::filesystem::remove(sample.folder / "a");
    CHECK(sample.damage() == "a: is missing, though manifest.json lists it");
  }
  SUBCASE("a file that lies elsewhere, or nowhere") {
    for (const std::string& name : {std::string("../a"), std::string("/dev/null"), std::string("inner/../a"),
                                    std::string("a\0", 2), std::string(5000, 'a')}) {
      kilm::job::write_manifest(sample.folder.path.string(), Json::object());
      sample.rename_a(name);
      const bool below = name.size() == 5000;
      CHECK(sample.damage() ==
            (below ? name + ": is missing, though manifest.json lists it"
                   : "manifest.json: files: " + Json(name).dump() + " should be a path below the folder"));
    }
  }
  SUBCASE("no manifest") {
    std::filesystem::remove(sample.folder / "manifest.json");
    CHECK(sample.damage() == "manifest.json: is missing");
  }
  SUBCASE("a manifest of something else") {
    std::ofstream(sample.folder / "manifest.json") << "[]";
    CHECK(sample.damage() == "manifest.json: its own digest does not match");
  }
  SUBCASE("any byte of the manifest") {
    const std::string path = sample.folder / "manifest.json", text = base::read_file(path);
    for (size_t i = 0; i < text.size(); ++i) {
      for (const char flip : {'\x01', '\x04', '\x80'}) {
        std::string changed = text;
        changed[i] = char(changed[i] ^ flip);
        std::ofstream(path) << changed;
        INFO("byte " << i);
        CHECK(sample.damage() != "none");
      }
    }
  }
  SUBCASE("a manifest cut anywhere") {
    const std::string path = sample.folder / "manifest.json", text = base::read_file(path);
    for (size_t length = 0; length < text.size(); ++length) {
      std::ofstream(path) << text.substr(0, length);
      INFO("length " << length);
      CHECK(sample.damage() != "none");
    }
  }
}
