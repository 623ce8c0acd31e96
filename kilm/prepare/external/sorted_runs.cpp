#include "kilm/prepare/external/sorted_runs.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "tensor/base/format.h"
#include "tensor/base/threads.h"

namespace kilm::prepare {

namespace {

constexpr size_t kRunBuffer = size_t(64) << 10;  // of each run that is read
constexpr size_t kSizes = 2 * sizeof(uint32_t);

struct Sizes {
  uint32_t key, value;
};

Sizes sizes_at(const char* record) {
  Sizes sizes;
  std::memcpy(&sizes, record, kSizes);
  return sizes;
}

void append_record(std::string& out, std::string_view key, std::string_view value) {
  const Sizes sizes{uint32_t(key.size()), uint32_t(value.size())};
  out.append(reinterpret_cast<const char*>(&sizes), kSizes);
  out += key;
  out += value;
}

uint64_t first_bytes(std::string_view key) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) number = number << 8 | (i < key.size() ? uint8_t(key[i]) : 0);
  return number;
}

}  // namespace

std::string number_key(uint64_t number) {
  std::string key(8, '\0');
  for (size_t i = 8; i-- > 0; number >>= 8) key[i] = char(number);
  return key;
}

uint64_t key_number(std::string_view key) { return first_bytes(key); }

SortedRuns::SortedRuns(const std::string& folder, size_t memory)
    : folder_(folder), memory_(memory), file_(std::make_unique<ScratchFile>(folder)) {}

SortedRuns::SortedRuns(const std::string& folder, const std::string& path, const base::Json& state, size_t memory)
    : folder_(folder), memory_(memory) {
  int64_t end = 0;
  if (!state.is_null())
    for (const base::Json& next : state.items()) {
      runs_.push_back({end, next.as_int()});
      end = next.as_int();
    }
  file_ = std::make_unique<ScratchFile>(path, end);
}

void SortedRuns::add(std::string_view key, std::string_view value) {
  constexpr size_t kLimit = std::numeric_limits<uint32_t>::max();
  base::check(key.size() <= kLimit && value.size() <= kLimit, "{}: a record to sort has more than 4 GiB", folder_);
  const size_t more = kSizes + key.size() + value.size() + sizeof(SortKey);
  if (bytes_.size() + records_.size() * sizeof(SortKey) + more > memory_) write_run();
  records_.push_back({first_bytes(key), bytes_.size()});
  append_record(bytes_, key, value);
}

bool SortedRuns::less(const SortKey& a, const SortKey& b) const {
  if (a.first_bytes != b.first_bytes) return a.first_bytes < b.first_bytes;
  const char *at_a = bytes_.data() + a.at, *at_b = bytes_.data() + b.at;
  const int order =
      std::string_view(at_a + kSizes, sizes_at(at_a).key).compare(std::string_view(at_b + kSizes, sizes_at(at_b).key));
  return order != 0 ? order < 0 : a.at < b.at;
}

// Sorts a slice on each core, then merges neighbours in pairs. No two entries are equal, so slices make no difference.
void SortedRuns::sort() {
  const auto earlier = [this](const SortKey& a, const SortKey& b) { return less(a, b); };
  const int64_t slices = base::threads();
  const auto begin = [&](int64_t slice) {
    return records_.begin() + int64_t(records_.size()) * std::min(slice, slices) / slices;
  };
  base::for_all(slices, [&](int64_t i) { std::sort(begin(i), begin(i + 1), earlier); });
  for (int64_t step = 1; step < slices; step *= 2)
    base::for_all((slices + 2 * step - 1) / (2 * step), [&](int64_t i) {
      const int64_t first = 2 * step * i;
      std::inplace_merge(begin(first), begin(first + step), begin(first + 2 * step), earlier);
    });
}

void SortedRuns::write_run() {
  if (records_.empty()) return;
  sort();
  const int64_t before = file_->size();
  for (const SortKey& entry : records_) {
    const char* const record = bytes_.data() + entry.at;
    const Sizes sizes = sizes_at(record);
    file_->add({record, kSizes + sizes.key + sizes.value});
  }
  runs_.push_back({before, file_->size()});
  records_.clear();
  bytes_.clear();
}

// Merges neighbouring runs, so that fewer are left. They stand in `merged`.
static std::vector<SortedRuns::Run> merge(ScratchFile& file, std::span<const SortedRuns::Run> runs,
                                          ScratchFile& merged) {
  std::vector<SortedRuns::Run> result;
  std::string record;
  for (; !runs.empty(); runs = runs.subspan(std::min(runs.size(), SortedRuns::kFanIn))) {
    const int64_t before = merged.size();
    for (SortedRuns::Reader reader(file, runs.first(std::min(runs.size(), SortedRuns::kFanIn))); reader.next();) {
      record.clear();
      append_record(record, reader.key(), reader.value());
      merged.add(record);
    }
    result.push_back({before, merged.size()});
  }
  return result;
}

SortedRuns::Reader SortedRuns::read() {
  free_memory();
  std::vector<Run> runs = runs_;
  merged_.reset();
  while (runs.size() > kFanIn) {
    auto merged = std::make_unique<ScratchFile>(folder_);
    runs = merge(merged_ ? *merged_ : *file_, runs, *merged);
    merged_ = std::move(merged);
  }
  return Reader(merged_ ? *merged_ : *file_, runs);
}

void SortedRuns::free_memory() {
  write_run();
  bytes_.shrink_to_fit();
  records_.shrink_to_fit();
}

base::Json SortedRuns::save() {
  free_memory();
  file_->sync();
  base::Json ends = base::Json::array();
  for (const Run& run : runs_) ends.push_back(run.end);
  return ends;
}

SortedRuns::Reader::Reader(ScratchFile& file, std::span<const Run> runs) {
  for (const Run& run : runs) sources_.push_back({ScratchReader(file, run.begin, run.end, kRunBuffer)});
}

bool SortedRuns::Reader::Source::advance() {
  if (bytes.at_end()) return false;
  const Sizes sizes = sizes_at(bytes.take(kSizes).data());
  const std::string_view both = bytes.take(size_t(sizes.key) + sizes.value);
  key = both.substr(0, sizes.key);
  value = both.substr(sizes.key);
  return true;
}

bool SortedRuns::Reader::comes_later(size_t a, size_t b) const {
  const int order = sources_[a].key.compare(sources_[b].key);
  return order != 0 ? order > 0 : a > b;
}

// Moves the source at a place of the heap down to where it belongs.
void SortedRuns::Reader::sink(size_t place) {
  for (size_t child; (child = 2 * place + 1) < order_.size(); place = child) {
    if (child + 1 < order_.size() && comes_later(order_[child], order_[child + 1])) ++child;
    if (!comes_later(order_[place], order_[child])) return;
    std::swap(order_[place], order_[child]);
  }
}

bool SortedRuns::Reader::next() {
  if (!begun_) {
    begun_ = true;
    for (size_t i = 0; i < sources_.size(); ++i)
      if (sources_[i].advance()) order_.push_back(i);
    for (size_t i = order_.size(); i-- > 0;) sink(i);
  } else if (!order_.empty()) {
    if (!sources_[order_[0]].advance()) {
      order_[0] = order_.back();
      order_.pop_back();
    }
    sink(0);
  }
  return !order_.empty();
}

}  // namespace kilm::prepare
