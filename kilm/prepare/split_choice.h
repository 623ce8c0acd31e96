// Which paragraphs and entities go where: a permutation of their numbers decides, which only the seed decides.
#pragma once

#include <cstdint>
#include <vector>

#include "kilm/prepare/prepare.h"
#include "kilm/prepare/resolve.h"

namespace kilm::prepare {

class SplitChoice {
 public:
  SplitChoice(const PrepareOptions& options, const ResolvedData& material);

  // Tells whether a split may hold a paragraph, by its number. Places [0, unseen) of the permutation are unseen; the
  // rest is train, and its beginning is seen too.
  bool may_hold(dataset::Split split, int64_t paragraph) const;
  // Tells whether an entity is held out, so that training has no mention of it.
  bool held_out(uint32_t entity) const { return held_out_[entity]; }

 private:
  void choose_held_out(const std::vector<bool>& mentioned, const Portion& portion);

  uint64_t seed_;
  int64_t total_, unseen_, seen_;           // paragraphs
  std::vector<uint32_t> reference_places_;  // of the paragraphs, where the reference's order is asked for
  std::vector<bool> held_out_;              // by entity
};

}  // namespace kilm::prepare
