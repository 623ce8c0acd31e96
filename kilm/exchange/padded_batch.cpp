#include "kilm/exchange/padded_batch.h"

#include <algorithm>
#include <optional>

#include "tensor/base/format.h"
#include "tensor/base/suggestion.h"
#include "tensor/ops/index.h"

namespace kilm::exchange {

namespace {

using base::check;
using base::DamagedInput;
using base::Json;
using Rows = std::vector<std::vector<int32_t>>;

constexpr int32_t kIgnored = -100;

const std::vector<std::string> kFields = {"input_ids", "attention_mask", "decoder_input_ids", "decoder_attention_mask",
                                          "labels"};

class BatchReader {
 public:
  BatchReader(const Json& json, const bart::BartConfig& config, const std::string& place, tensor::Device device = {})
      : json_(json), config_(config), place_(place), device_(device) {}

  Batch read() const {
    const int64_t last = config_.vocab_size - 1;
    const Rows sources = read_sources();
    const std::optional<Rows> labels = rows("labels", 0, last, kIgnored);
    std::optional<Rows> targets = rows("decoder_input_ids", 0, last);
    check<DamagedInput>(labels || targets, "{}: labels or decoder_input_ids is needed", place_);
    if (targets && labels)
      check_shape("labels", *labels, "decoder_input_ids", *targets);
    else if (!targets)
      targets = shifted(*labels);
    check_rows(sources, *targets);
    Batch batch;
    batch.source = side("input_ids", sources, "attention_mask");
    batch.target = side(labels ? "labels" : "decoder_input_ids", *targets, "decoder_attention_mask");
    if (labels) add_labels(batch, *labels);
    return batch;
  }

  std::vector<generation::GenerateRequest> read_requests(bool reference) const {
    const Rows sources = read_sources();
    const std::optional<Rows> mask = rows("attention_mask", 0, 1), prefix_mask = rows("decoder_attention_mask", 0, 1);
    const std::optional<Rows> prefixes = rows("decoder_input_ids", 0, config_.vocab_size - 1);
    if (mask) check_shape("attention_mask", *mask, "input_ids", sources);
    if (prefixes) check_rows(sources, *prefixes);
    check<DamagedInput>(prefixes || !prefix_mask, "{}: decoder_attention_mask needs decoder_input_ids", place_);
    if (prefix_mask) check_shape("decoder_attention_mask", *prefix_mask, "decoder_input_ids", *prefixes);
    std::vector<generation::GenerateRequest> requests(sources.size());
    for (size_t i = 0; i < requests.size(); ++i) {
      generation::GenerateRequest& request = requests[i];
      for (size_t j = 0; j < sources[i].size(); ++j)
        if (mask ? (*mask)[i][j] == 1 : !reference || sources[i][j] != config_.pad_token_id) {
          request.source.push_back(sources[i][j]);
          request.source_columns.push_back(int32_t(j));
        }
      check<DamagedInput>(!request.source.empty(), "{}: input_ids: row {} has no token that is not masked", place_, i);
      if (prefixes) add_prefix(request, (*prefixes)[i], prefix_mask ? &(*prefix_mask)[i] : nullptr, reference);
    }
    return requests;
  }

 private:
  Rows read_sources() const {
    check<DamagedInput>(json_.is_object(), "{}: should be a JSON object", place_);
    for (const auto& [key, value] : json_.members())
      check<DamagedInput>(std::find(kFields.begin(), kFields.end(), key) != kFields.end(), "{}: unknown field {}{}",
                          place_, key, base::suggestion(key, kFields));
    std::optional<Rows> sources = rows("input_ids", 0, config_.vocab_size - 1);
    check<DamagedInput>(sources.has_value(), "{}: input_ids is missing", place_);
    return *std::move(sources);
  }

  void check_rows(const Rows& sources, const Rows& targets) const {
    check<DamagedInput>(sources.size() == targets.size(), "{}: input_ids has {} rows, the decoder's side {}", place_,
                        sources.size(), targets.size());
  }

  void add_prefix(generation::GenerateRequest& request, const std::vector<int32_t>& row,
                  const std::vector<int32_t>* mask, bool reference) const {
    for (size_t j = 0; j < row.size(); ++j)
      if (!mask || (*mask)[j] == 1) request.prefix_columns.push_back(int32_t(j));
    if (request.prefix_columns.empty()) return;
    request.prefix.assign(row.begin(), row.begin() + request.prefix_columns.back() + 1);
    const int32_t start = int32_t(config_.decoder_start_token_id);
    if (reference || row[size_t(request.prefix_columns[0])] == start) return;
    for (int32_t& column : request.prefix_columns) ++column;
    request.prefix.insert(request.prefix.begin(), start);
    request.prefix_columns.insert(request.prefix_columns.begin(), 0);
  }

  // The rows of a field, whose values are `low` to `high` or `other`; nothing if it is absent or null.
  std::optional<Rows> rows(const char* field, int64_t low, int64_t high, std::optional<int64_t> other = {}) const {
    const Json* given = json_.find(field);
    if (!given || given->is_null()) return {};
    check<DamagedInput>(given->is_array() && !given->items().empty(), "{}: {} should be an array of rows", place_,
                        field);
    Rows result;
    for (const Json& row : given->items()) {
      const size_t i = result.size();
      check<DamagedInput>(row.is_array(), "{}: {}: row {} should be an array", place_, field, i);
      std::vector<int32_t>& values = result.emplace_back();
      for (const Json& item : row.items()) {
        const bool fits = item.is_int() && ((item.as_int() >= low && item.as_int() <= high) || item.as_int() == other);
        check<DamagedInput>(fits, "{}: {}: row {}, column {} is {}, it should be {} to {}", place_, field, i,
                            values.size(), item.dump(), low, high);
        values.push_back(int32_t(item.as_int()));
      }
    }
    return result;
  }

  void check_shape(const char* field, const Rows& given, const char* other_field, const Rows& other) const {
    check<DamagedInput>(given.size() == other.size(), "{}: {} has {} rows, {} has {}", place_, field, given.size(),
                        other_field, other.size());
    for (size_t i = 0; i < given.size(); ++i)
      check<DamagedInput>(given[i].size() == other[i].size(), "{}: {}: row {} has {} columns, that of {} has {}",
                          place_, field, i, given[i].size(), other_field, other[i].size());
  }

  // The start token in front, the last label away, padding where a label is ignored.
  Rows shifted(const Rows& labels) const {
    Rows result = labels;
    for (std::vector<int32_t>& row : result) {
      std::replace(row.begin(), row.end(), kIgnored, int32_t(config_.pad_token_id));
      if (row.empty()) continue;
      std::rotate(row.begin(), row.end() - 1, row.end());
      row[0] = int32_t(config_.decoder_start_token_id);
    }
    return result;
  }

  PaddedSide side(const char* field, const Rows& tokens, const char* mask_field) const {
    const std::optional<Rows> mask = rows(mask_field, 0, 1);
    if (mask) check_shape(mask_field, *mask, field, tokens);
    PaddedSide side;
    side.rows = int64_t(tokens.size());
    for (const auto& row : tokens) side.width = std::max(side.width, int64_t(row.size()));
    check<DamagedInput>(side.width <= config_.max_position_embeddings, "{}: {} has {} columns, the model {} positions",
                        place_, field, side.width, config_.max_position_embeddings);
    std::vector<int32_t> ids, positions, offsets = {0};
    for (size_t i = 0; i < tokens.size(); ++i) {
      for (size_t j = 0; j < tokens[i].size(); ++j) {
        if (mask && (*mask)[i][j] == 0) continue;
        ids.push_back(tokens[i][j]);
        positions.push_back(int32_t(j) + bart::kFirstPosition);
        side.cells.push_back(int32_t(int64_t(i) * side.width + int64_t(j)));
      }
      offsets.push_back(int32_t(ids.size()));
    }
    check<DamagedInput>(!ids.empty(), "{}: {} has no token that is not masked", place_, field);
    side.packed = {tensor::Ids::from(ids, device_), tensor::Ids::from(positions, device_),
                   tensor::Sequences::from(std::move(offsets), device_)};
    return side;
  }

  // Those of the packed tokens. A token that is masked has no output that a label could be compared with.
  void add_labels(Batch& batch, const Rows& labels) const {
    std::vector<int32_t> packed;
    const std::vector<int32_t>& cells = batch.target.cells;
    for (size_t i = 0; i < labels.size(); ++i)
      for (size_t j = 0; j < labels[i].size(); ++j) {
        const int32_t label = labels[i][j];
        const bool seen = packed.size() < cells.size() &&
                          cells[packed.size()] == int32_t(int64_t(i) * batch.target.width + int64_t(j));
        check<DamagedInput>(seen || label == kIgnored,
                            "{}: labels: row {}, column {} is {}, it should be {} where decoder_attention_mask is 0",
                            place_, i, j, label, kIgnored);
        if (!seen) continue;
        packed.push_back(label);
        batch.counted += label != kIgnored;
      }
    check<DamagedInput>(batch.counted > 0, "{}: labels: none is counted, all are {}", place_, kIgnored);
    batch.labels = tensor::Ids::from(packed, device_);
  }

  const Json& json_;
  const bart::BartConfig& config_;
  const std::string& place_;
  const tensor::Device device_;
};

}  // namespace

tensor::Tensor PaddedSide::padded(const tensor::Tensor& x) const {
  const tensor::Tensor rows_of_cells = tensor::scatter_rows(x, tensor::Ids::from(cells, x.device()), rows * width);
  return rows_of_cells.reshape(x.rank() == 1 ? tensor::Shape{rows, width} : tensor::Shape{rows, width, x.size(1)});
}

Batch parse_batch(const Json& json, const bart::BartConfig& config, const std::string& place, tensor::Device device) {
  return BatchReader(json, config, place, device).read();
}

std::vector<generation::GenerateRequest> parse_requests(const Json& json, const bart::BartConfig& config,
                                                        bool reference, const std::string& place) {
  return BatchReader(json, config, place).read_requests(reference);
}

}  // namespace kilm::exchange
