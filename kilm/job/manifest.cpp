#include "kilm/job/manifest.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "tensor/base/file.h"
#include "tensor/base/format.h"

namespace kilm::job {

namespace {

namespace fs = std::filesystem;
using base::check;
using base::DamagedInput;
using base::Json;

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) paths.push_back(fs::relative(entry.path(), folder).generic_string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string self_digest(const Json& manifest) {
  Json::Object without;
  for (const Json::Member& member : manifest.members())
    if (member.first != "self") without.push_back(member);
  const std::string text = Json::object(std::move(without)).dump(2);
  return base::sha256_hex(std::as_bytes(std::span(text)));
}

bool is_file(const std::string& path) {
  std::error_code ignored;  // a name may be too long to be one
  return fs::is_regular_file(path, ignored);
}

// Tells whether `name` lies below its folder: a manifest from elsewhere must not lead out of it.
bool is_below(const fs::path& name) {
  return name.is_relative() && name.native().find('\0') == std::string::npos &&
         std::find(name.begin(), name.end(), "..") == name.end();
}

void verify_file(const std::string& folder, const std::string& name, const Json& entry) {
  check<DamagedInput>(is_below(name), "{}/manifest.json: files: {} should be a path below the folder", folder,
                      Json(name).dump());
  const std::string path = folder + "/" + name;
  check<DamagedInput>(is_file(path), "{}: is missing, though manifest.json lists it", path);
  const base::MappedFile file(path);
  check<DamagedInput>(int64_t(file.size()) == entry.at("bytes").as_int(), "{}: has {} bytes, manifest.json says {}",
                      path, file.size(), entry.at("bytes").as_int());
  check<DamagedInput>(base::xxh3_128_hex(file.bytes()) == entry.at("xxh3_128").as_string(),
                      "{}: its bytes do not match the digest in manifest.json", path);
}

void verify_files(const std::string& folder, const Json& manifest, const std::string& beginning) {
  try {
    for (const auto& [name, entry] : manifest.at("files").members())
      if (name.starts_with(beginning)) verify_file(folder, name, entry);
  } catch (const DamagedInput&) {
    throw;
  } catch (const base::Error& error) {
    throw DamagedInput(folder + "/manifest.json: " + error.what());
  }
}

}  // namespace

void write_manifest(const std::string& folder, Json head, const std::map<std::string, base::Digests>& known) {
  Json files = Json::object();
  for (const std::string& path : files_below(folder)) {
    if (path == "manifest.json") continue;
    Json entry = Json::object();
    const std::string full = folder + "/" + path;
    entry.set("bytes", int64_t(fs::file_size(full)));
    if (const auto found = known.find(path); found != known.end()) {
      entry.set("sha256", found->second.sha256);
      entry.set("xxh3_128", found->second.xxh3_128);
    } else {
      const base::MappedFile file(full);
      entry.set("sha256", base::sha256_hex(file.bytes()));
      entry.set("xxh3_128", base::xxh3_128_hex(file.bytes()));
    }
    files.set(path, std::move(entry));
  }
  head.set("files", std::move(files));
  head.set("self", self_digest(head));
  base::write_file_atomically(folder + "/manifest.json", head.dump(2) + "\n");
}

Json verify_manifest(const std::string& folder, bool files) {
  const std::string path = folder + "/manifest.json";
  const std::string link = base::broken_link(fs::is_symlink(path) ? path : folder);
  check<DamagedInput>(is_file(path), "{}: is missing{}{}", path, link.empty() ? "" : ": ", link);
  const std::string text = base::read_file(path, base::JsonLimits().bytes);
  Json manifest = base::parse_json(text, path);
  const Json* self = manifest.find("self");
  check<DamagedInput>(self && *self == Json(self_digest(manifest)), "{}: its own digest does not match", path);
  check<DamagedInput>(text.ends_with('\n'), "{}: ends in the middle of a line", path);
  if (files) verify_files(folder, manifest, "");
  return manifest;
}

void verify_part(const std::string& folder, const std::string& beginning) {
  verify_files(folder, verify_manifest(folder, /*files=*/false), beginning);
}

}  // namespace kilm::job
