#include "kilm/job/stop_signal.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace kilm::job {

namespace {

std::atomic<bool> asked = false;  // a signal is handled by any thread
static_assert(std::atomic<bool>::is_always_lock_free);

void handle(int number) {
  if (asked && number != SIGHUP) _exit(128 + number);
  asked = true;
  std::signal(SIGPIPE, SIG_IGN);  // who reads our messages may have got the same signal, and may be gone
}

constexpr int kSignals[] = {SIGTERM, SIGINT, SIGHUP};

}  // namespace

StopSignal::StopSignal() {
  asked = false;
  struct sigaction action {};
  action.sa_handler = handle;
  for (const int number : kSignals) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (number != SIGHUP || before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
}

StopSignal::~StopSignal() {
  asked = false;
  for (const int number : kSignals) {
    struct sigaction now {};
    sigaction(number, nullptr, &now);
    if (now.sa_handler == handle) std::signal(number, SIG_DFL);
  }
}

bool StopSignal::received() { return asked; }

}  // namespace kilm::job
