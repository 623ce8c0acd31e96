#include "kilm/prepare/split_choice.h"

#include <algorithm>

#include "kilm/objective/draws.h"
#include "kilm/prepare/reference/python_shuffle.h"

namespace kilm::prepare {

namespace {

// Numbers of the permutations that choose.
constexpr uint32_t kDrawParagraphs = 0, kDrawEntities = 1;

}  // namespace

SplitChoice::SplitChoice(const PrepareOptions& options, const ResolvedData& material)
    : seed_(options.seed),
      total_(material.paragraphs.records()),
      unseen_(options.unseen.of(total_)),
      seen_(options.seen.of(total_ - unseen_)) {
  if (options.collect.reference) reference_places_ = reference::shuffled_places(uint32_t(total_));
  choose_held_out(material.mentioned, options.held_out_entities);
}

// Chooses among the entities that any paragraph mentions, so that the split has mentions of each.
void SplitChoice::choose_held_out(const std::vector<bool>& mentioned, const Portion& portion) {
  const int64_t among = std::count(mentioned.begin(), mentioned.end(), true);
  const int64_t wanted = portion.of(among);
  held_out_.assign(mentioned.size(), false);
  uint64_t rank = 0;
  for (size_t i = 0; i < mentioned.size(); ++i)
    if (mentioned[i])
      held_out_[i] = objective::permuted(rank++, uint64_t(among), seed_, kDrawEntities) < uint64_t(wanted);
}

bool SplitChoice::may_hold(dataset::Split split, int64_t paragraph) const {
  const int64_t place =
      !reference_places_.empty()
          ? reference_places_[size_t(paragraph)]
          : int64_t(objective::permuted(uint64_t(paragraph), uint64_t(total_), seed_, kDrawParagraphs));
  switch (split) {
    case dataset::Split::train: return place >= unseen_;
    case dataset::Split::seen: return place >= unseen_ && place < unseen_ + seen_;
    case dataset::Split::unseen: return place < unseen_;
    case dataset::Split::held_out: return true;
  }
  return false;
}

}  // namespace kilm::prepare
