#include "kilm/dataset/split.h"

#include "tensor/format.h"

namespace kilm::dataset {

const char* name(Split split) {
  switch (split) {
    case Split::train: return "train";
    case Split::seen: return "seen";
    case Split::unseen: return "unseen";
    case Split::held_out: return "held_out";
  }
  tensor::fail("split: no such value");
}

Split parse_split(const std::string& text) {
  for (const Split split : kSplits)
    if (text == name(split)) return split;
  throw tensor::UsageError(tensor::format("split {} should be train, seen, unseen or held_out", text));
}

}  // namespace kilm::dataset
