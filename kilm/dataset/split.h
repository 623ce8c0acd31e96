// The parts of prepared data. train is what the model learns from, and seen is a copy of some of it. unseen has
// paragraphs that are in no other part, about entities that train mentions. held_out has mentions of entities that
// train mentions nowhere. So seen against unseen measures the text, unseen against held_out the knowledge.
#pragma once

#include <cstdint>

namespace kilm::dataset {

enum class Split : uint8_t { train, seen, unseen, held_out };
inline constexpr Split kSplits[] = {Split::train, Split::seen, Split::unseen, Split::held_out};

const char* name(Split split);

}  // namespace kilm::dataset
