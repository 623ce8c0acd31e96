#include "tools/commands/line_output.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "tensor/base/format.h"
#include "tools/command_line.h"

namespace tools {

bool is_file(const std::string& path) {
  return path != "-" && (!std::filesystem::exists(path) || std::filesystem::is_regular_file(path));
}

LineOutput::LineOutput(const std::string& path) : path_(path) {
  if (is_file(path))
    file_ = std::make_unique<base::AtomicFile>(path);
  else
    stream_ = path == "-" ? stdout : std::fopen(path.c_str(), "w");
  base::check(file_ || stream_, "{}: cannot be opened: {}", path, std::strerror(errno));
}

LineOutput::~LineOutput() {
  if (stream_ != nullptr && stream_ != stdout) std::fclose(stream_);
}

void LineOutput::write(std::string_view line) {
  if (file_)
    file_->write(line);
  else if (std::fwrite(line.data(), 1, line.size(), stream_) != line.size())
    commit();  // says why
}

void LineOutput::commit() {
  if (file_)
    file_->commit();
  else
    flush(stream_, path_ == "-" ? "standard output" : path_);
}

}  // namespace tools
