#include "kilm/stop_signal.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

using kilm::StopSignal;

namespace {

// How a process of its own ends that runs `body`.
template <class Body>
int status_of(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a signal is noted and work goes on, a second one ends the process") {
  for (const int number : {SIGTERM, SIGINT}) {
    CHECK(!StopSignal::received());
    {
      StopSignal signal;
      std::raise(number);
      CHECK(StopSignal::received());
      StopSignal later;
      CHECK(!StopSignal::received());
    }
    const int twice = status_of([&] {
      StopSignal signal;
      std::raise(number);
      std::raise(number);
    });
    CHECK(WIFEXITED(twice));
    CHECK(WEXITSTATUS(twice) == 128 + number);
  }
}

TEST_CASE("when nobody waits for it any more, a signal ends the process as usual") {
  const int status = status_of([] {
    { StopSignal signal; }
    std::raise(SIGTERM);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}
