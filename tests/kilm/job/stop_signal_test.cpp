#include "kilm/job/stop_signal.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

using kilm::job::StopSignal;

namespace {

// Says how a process of its own ends that runs `body`.
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
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
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
    CHECK(WEXITSTATUS(twice) == (number == SIGHUP ? 0 : 128 + number));
  }
}

TEST_CASE("a SIGHUP that is ignored stays ignored, as nohup wants it") {
  const int status = status_of([] {
    std::signal(SIGHUP, SIG_IGN);
    {
      StopSignal signal;
      std::raise(SIGHUP);
      if (StopSignal::received()) _exit(1);
    }
    std::raise(SIGHUP);
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a job that was asked to stop outlives those who read its messages") {
  const int status = status_of([] {
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    close(ends[0]);
    StopSignal signal;
    std::raise(SIGHUP);
    if (write(ends[1], "saved", 5) >= 0) _exit(1);
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("when nobody waits for it any more, a signal ends the process as usual") {
  const int status = status_of([] {
    { StopSignal signal; }
    std::raise(SIGTERM);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}
