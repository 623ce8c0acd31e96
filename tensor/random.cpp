#include "tensor/random.h"

namespace tensor {

namespace {
thread_local RandomPosition stream{.key = philox_key(0, RandomDomain::dropout)};
}

RandomPosition RandomStream::next() {
  RandomPosition at = stream;
  ++stream.op;
  return at;
}

RandomPosition RandomStream::current() { return stream; }
void RandomStream::set(const RandomPosition& at) { stream = at; }

RandomGuard::RandomGuard(const RandomPosition& at) : scope_(stream, at) {}

}  // namespace tensor
