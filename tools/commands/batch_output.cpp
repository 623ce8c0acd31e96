#include "tools/commands/batch_output.h"

#include <filesystem>

#include "tensor/base/format.h"
#include "tools/commands/output.h"

namespace tools {

namespace {

constexpr std::string_view kBegin = "{\"input_ids\": [\n", kMiddle = "],\n\"decoder_input_ids\": [\n", kEnd = "]}\n";

bool is_batch(const std::string& path) { return base::MappedFile(path).text().starts_with(kBegin); }

std::string row(const std::vector<int32_t>& ids, bool first) {
  std::string out = first ? "[" : ",[";
  for (const int32_t id : ids) out += (out.ends_with('[') ? "" : ", ") + std::to_string(id);
  return out + "]\n";
}

}  // namespace

BatchOutput::BatchOutput(const std::optional<std::string>& path, bool force) {
  if (!path) return;
  base::check<base::UsageError>(*path != "-", "--prompts: should be a file, as results go to standard output");
  if (is_file(*path) || std::filesystem::is_directory(*path)) check_output_file("--prompts", *path, force, is_batch);
  output_.emplace(*path);
  output_->write(kBegin);
  prefixes_.emplace(base::temporary_folder());
}

void BatchOutput::write(const kilm::generation::GenerateRequest& request) {
  if (!output_) return;
  output_->write(row(request.source, !any_));
  prefixes_->add(row(request.prefix, !any_));
  any_ = true;
}

void BatchOutput::commit() {
  if (!output_) return;
  output_->write(kMiddle);
  std::string piece(1 << 16, '\0');
  for (int64_t at = 0; at < prefixes_->size();) {
    const size_t read = prefixes_->read(at, piece);
    output_->write(std::string_view(piece).substr(0, read));
    at += int64_t(read);
  }
  output_->write(kEnd);
  output_->commit();
}

}  // namespace tools
