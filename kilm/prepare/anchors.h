// What a surface may mean, as the training part of a dump says: which titles its anchors lead to, and how often.
#pragma once

#include <string>

#include "kilm/prepare/prepare.h"
#include "kilm/prepare/resolve.h"
#include "kilm/prepare/split_choice.h"

namespace kilm::prepare {

// Writes {"mention", "candidates": [{"title", "count"}]} for each surface, surfaces in the order of their bytes, the
// most frequent title first and equal ones in the order of their bytes. Counted are the links of the paragraphs of
// train, but for those to held-out entities. A redirect to an entity that these paragraphs mention is a surface of it,
// too, which adds nothing to a count. Scratch files go to `folder`. Memory is a bit for each entity, what SortedRuns
// take, and the titles of one surface. Throws StopRequested after a signal.
void write_candidates(const PrepareOptions& options, ResolvedData& material, const SplitChoice& splits,
                      const std::string& folder, const LineSink& sink);

}  // namespace kilm::prepare
