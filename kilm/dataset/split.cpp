#include "kilm/dataset/split.h"

#include "tensor/base/error.h"

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

}  // namespace kilm::dataset
