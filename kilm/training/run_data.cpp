#include "kilm/training/run_data.h"

#include <algorithm>
#include <cstdio>

#include "kilm/bart/config.h"
#include "tensor/base/format.h"

namespace kilm::training {

namespace {

using base::check;
using base::UsageError;

// Notes what a run begins with, or checks that it still is the same.
void settle_digest(const char* name, const std::string& path, const std::string& found, std::string& digest) {
  if (digest.empty()) digest = found;
  check<UsageError>(found == digest, "{}: {} has the digest {:.12} now, the run began with {:.12}", name, path, found,
                    digest);
}

}  // namespace

RunData::RunData(const TrainConfig& config) : knowledge_(config.data) {
  if (!config.plain_data.empty()) plain_.emplace(config.plain_data);
}

dataset::TrainingWindows RunData::windows(dataset::Split split) const {
  return {knowledge_.windows(split), plain().windows(split)};
}

void RunData::check_tokenizer(const std::string& fingerprint) const {
  knowledge_.check_tokenizer(fingerprint);
  if (plain_) plain_->check_tokenizer(fingerprint);
}

void complete_from_data(TrainConfig& config, const RunData& data) {
  if (config.tokenizer.empty())
    config.tokenizer = dataset::fingerprint_with_kilm_tokens(tokenizer::Tokenizer::load(config.model));
  data.check_tokenizer(config.tokenizer);
  settle_digest("data", config.data, data.knowledge().digest(), config.data_digest);
  if (!config.plain_data.empty())
    settle_digest("plain data", config.plain_data, data.plain().digest(), config.plain_data_digest);
  if (config.max_length > 0) return;
  const int64_t positions = bart::read_bart_config(config.model + "/config.json").max_position_embeddings;
  const int64_t prepared = data.knowledge().max_length();
  config.max_length = std::min(prepared, positions);
  if (positions < prepared)
    std::fprintf(stderr, "windows of up to %lld tokens are cut to %lld, the positions of the model\n",
                 static_cast<long long>(prepared), static_cast<long long>(positions));
}

}  // namespace kilm::training
