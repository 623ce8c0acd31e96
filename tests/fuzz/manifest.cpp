// The manifest of a folder with three files; the input is manifest.json, as it is and with the digest that belongs to
// it.
#include "kilm/job/manifest.h"

#include "tests/fuzz/input.h"
#include "tests/kilm/folder.h"

namespace {

struct Files : Folder {
  Files() {
    std::filesystem::create_directories(path / "inner");
    write("a", "first");
    write("inner/b", "second");
    write("empty", "");
  }
};

void verify(const std::string& text) {
  static const Files files;
  files.write("manifest.json", text);
  const base::Json manifest = kilm::job::verify_manifest(files.path.string());
  for (const auto& [name, entry] : manifest.at("files").members())
    fuzz::require(std::filesystem::file_size(files / name) == size_t(entry.at("bytes").as_int()),
                  "what a manifest lists is there");
}

std::string with_digest(const base::Json& manifest) {
  base::Json::Object members;
  for (const auto& member : manifest.members())
    if (member.first != "self") members.push_back(member);
  base::Json json = base::Json::object(std::move(members));
  const std::string text = json.dump(2);
  json.set("self", base::sha256_hex(std::as_bytes(std::span(text))));
  return json.dump(2) + "\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzz::parse(data, size, [=](std::string_view text) {
    fuzz::parse(data, size, [&](std::string_view) { verify(std::string(text)); });
    const base::Json manifest = base::parse_json(text, "manifest.json");
    if (manifest.is_object()) verify(with_digest(manifest));
  });
}
