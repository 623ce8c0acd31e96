#include "kilm/generation/continuations.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "kilm/generation/decode.h"
#include "tensor/base/format.h"
#include "tensor/ops/loss.h"

namespace kilm::generation {

namespace {

using Tokens = std::vector<int32_t>;

constexpr size_t kRows = 512;  // of a step's logits: 98 MiB with BART's vocabulary

// Up to kRows continuations of one request. Each node is a token behind those of the nodes above it; node 0 is the
// prefix. A node that others hang from is a branch.
class Tree {
 public:
  struct Node {
    int32_t token = -1;
    size_t level = 0;
    std::vector<size_t> children = {};
    double log_probability = 0;  // of the tokens from the root to here
  };

  explicit Tree(std::span<const Tokens> continuations) {
    std::map<std::pair<size_t, int32_t>, size_t> child_of;
    for (const Tokens& tokens : continuations) {
      size_t at = 0;
      for (const int32_t token : tokens) {
        const auto [entry, is_new] = child_of.try_emplace({at, token}, nodes_.size());
        if (is_new) add(at, token);
        at = entry->second;
      }
      ends_.push_back(at);
    }
  }

  Node& operator[](size_t i) { return nodes_[i]; }
  int64_t size() const { return int64_t(nodes_.size()); }

  // Counts the branches of the level that has most of them.
  int64_t width() const {
    std::vector<int64_t> branches;
    for (const Node& node : nodes_) {
      branches.resize(std::max(branches.size(), node.level + 1));
      branches[node.level] += !node.children.empty();
    }
    return *std::max_element(branches.begin(), branches.end());
  }

  std::vector<double> scores() const {
    std::vector<double> scores;
    for (const size_t end : ends_) scores.push_back(nodes_[end].log_probability);
    return scores;
  }

 private:
  void add(size_t parent, int32_t token) {
    nodes_[parent].children.push_back(nodes_.size());
    nodes_.push_back({.token = token, .level = nodes_[parent].level + 1});
  }

  std::vector<Node> nodes_{1};
  std::vector<size_t> ends_;  // of each continuation
};

// Requests, or parts of them, that are scored together.
struct Together {
  std::vector<Tokens> sources, prefixes;
  std::vector<Tree> trees;
  std::vector<size_t> owners;  // the request of each tree
  int64_t tokens = 0, rows = 0;
};

// Where a row of a step's logits comes from.
struct Branch {
  size_t tree, node;
};

// A step of decoding: tokens[i] behind the branch parents[i] of the last one.
struct Step {
  std::vector<Branch> branches;
  Tokens parents, tokens;
};

// Gives the children of `branches`, whose rows of logits[n, v] these are, their log probabilities. Returns the step of
// those that are branches themselves. Waits for the device.
Step descend(std::vector<Tree>& trees, std::span<const Branch> branches, const tensor::Tensor& raw) {
  const tensor::Tensor logits = raw.cast(tensor::DType::f32);
  const std::vector<tensor::Tensor> read = tensor::read_back({logits, tensor::log_sum_exp(logits)});
  Step next;
  for (size_t row = 0; row < branches.size(); ++row) {
    Tree& tree = trees[branches[row].tree];
    const Tree::Node& parent = tree[branches[row].node];
    const float* of_tokens = read[0].data<float>() + int64_t(row) * read[0].size(1);
    const double normaliser = read[1].data<float>()[row];
    base::check<base::NonFinite>(std::isfinite(normaliser), "continuations: logits are not finite");
    for (const size_t i : parent.children) {
      Tree::Node& child = tree[i];
      child.log_probability = parent.log_probability + double(of_tokens[child.token]) - normaliser;
      if (child.children.empty()) continue;
      next.branches.push_back({branches[row].tree, i});
      next.parents.push_back(int32_t(row));
      next.tokens.push_back(child.token);
    }
  }
  return next;
}

void run(const bart::Bart& model, Together& together) {
  Decoding decoding(model, bart::Packed::of(together.sources, {}, model.device()), together.tokens);
  Step step;
  for (size_t i = 0; i < together.trees.size(); ++i) step.branches.push_back({i, 0});
  tensor::Tensor logits = decoding.start(together.prefixes);
  while (true) {
    step = descend(together.trees, step.branches, logits);
    if (step.branches.empty()) return;
    logits = {};  // before the next ones are made
    logits = decoding.step(step.parents, step.tokens);
  }
}

void check_request(size_t number, const ContinuationRequest& request, const bart::BartConfig& config) {
  const int64_t positions = config.max_position_embeddings;
  base::check(!request.source.empty() && int64_t(request.source.size()) <= positions,
              "continuations: request {} has a source of {} tokens; it should be 1 to {}", number,
              request.source.size(), positions);
  base::check(!request.prefix.empty() && !request.continuations.empty(),
              "continuations: request {} has a prefix of {} tokens and {} continuations; it should have some of both",
              number, request.prefix.size(), request.continuations.size());
  for (const Tokens& tokens : request.continuations) {
    base::check(!tokens.empty(), "continuations: request {} has an empty one", number);
    // The last token is asked for and not decoded.
    base::check(int64_t(request.prefix.size() + tokens.size()) - 1 <= positions,
                "continuations: request {} has {} tokens of prefix and continuation; it should be at most {}", number,
                request.prefix.size() + tokens.size(), positions + 1);
    for (const int32_t token : tokens)
      base::check(token >= 0 && token < config.vocab_size, "continuations: request {}: token {} should be 0 to {}",
                  number, token, config.vocab_size - 1);
  }
}

}  // namespace

std::vector<std::vector<double>> score_continuations(const bart::Bart& model,
                                                     std::span<const ContinuationRequest> requests,
                                                     const ContinuationOptions& options) {
  base::check<base::UsageError>(options.batch_tokens >= 1, "batch tokens: {} should be at least 1",
                                options.batch_tokens);
  std::vector<std::vector<double>> results(requests.size());
  Together together;
  const auto flush = [&] {
    if (together.trees.empty()) return;
    run(model, together);
    for (size_t i = 0; i < together.trees.size(); ++i) {
      const std::vector<double> scores = together.trees[i].scores();
      std::vector<double>& of_owner = results[together.owners[i]];
      of_owner.insert(of_owner.end(), scores.begin(), scores.end());
    }
    together = {};
  };
  const auto add = [&](size_t owner, std::span<const Tokens> continuations) {
    const ContinuationRequest& request = requests[owner];
    Tree tree(continuations);
    const int64_t tokens = int64_t(request.source.size() + request.prefix.size()) + tree.size(), rows = tree.width();
    if (together.tokens + tokens > options.batch_tokens || together.rows + rows > int64_t(kRows)) flush();
    together.sources.push_back(request.source);
    together.prefixes.push_back(request.prefix);
    together.trees.push_back(std::move(tree));
    together.owners.push_back(owner);
    together.tokens += tokens;
    together.rows += rows;
  };
  for (size_t i = 0; i < requests.size(); ++i) {
    check_request(i, requests[i], model.config);
    // A level of a tree has no more branches than the tree has continuations.
    for (std::span<const Tokens> left = requests[i].continuations; !left.empty();) {
      const size_t n = std::min(left.size(), kRows);
      add(i, left.first(n));
      left = left.subspan(n);
    }
  }
  flush();
  return results;
}

}  // namespace kilm::generation
