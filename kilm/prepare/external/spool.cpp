#include "kilm/prepare/external/spool.h"

namespace kilm::prepare {

namespace {

constexpr size_t kReadBuffer = size_t(1) << 20;

}  // namespace

Spool::Spool(const std::string& path, const base::Json& state)
    : file_(path, state.is_null() ? 0 : state.at("bytes").as_int()),
      records_(state.is_null() ? 0 : state.at("records").as_int()) {}

base::Json Spool::save() {
  file_.sync();
  return base::Json::object({{"bytes", file_.size()}, {"records", records_}});
}

void Spool::add(std::string_view record) {
  const uint64_t size = record.size();
  file_.add({reinterpret_cast<const char*>(&size), sizeof(size)});
  file_.add(record);
  ++records_;
}

void Spool::rewind() { reader_.emplace(file_, 0, file_.size(), kReadBuffer); }

bool Spool::next(std::string_view& record) {
  if (reader_->at_end()) return false;
  record = reader_->take(reader_->number());
  return true;
}

}  // namespace kilm::prepare
