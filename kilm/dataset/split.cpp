#include "kilm/dataset/split.h"

#include "tensor/base/format.h"

namespace kilm::dataset {

const char* name(Split split) {
  switch (split) {
    case Split::train: return "train";
    case Split::seen: return "seen";
    case Split::unseen: return "unseen";
    case Split::held_out: return "held_out";
  }
  base::fail("split: no such value");
}

Split parse_split(const std::string& text) {
  for (const Split split : kSplits)
    if (text == name(split)) return split;
  throw base::UsageError(base::format("split {} should be train, seen, unseen or held_out", text));
}

}  // namespace kilm::dataset
