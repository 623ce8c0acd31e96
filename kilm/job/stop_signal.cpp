#include "kilm/job/stop_signal.h"

#include <unistd.h>

#include <csignal>

namespace kilm::job {

namespace {

volatile std::sig_atomic_t asked = 0;

void handle(int number) {
  if (asked && number != SIGHUP) _exit(128 + number);
  asked = 1;
  std::signal(SIGPIPE, SIG_IGN);  // who reads our messages may have got the same signal, and may be gone
}

constexpr int kSignals[] = {SIGTERM, SIGINT, SIGHUP};

}  // namespace

StopSignal::StopSignal() {
  asked = 0;
  struct sigaction action {};
  action.sa_handler = handle;
  for (const int number : kSignals) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (number != SIGHUP || before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
}

StopSignal::~StopSignal() {
  asked = 0;
  for (const int number : kSignals) {
    struct sigaction now {};
    sigaction(number, nullptr, &now);
    if (now.sa_handler == handle) std::signal(number, SIG_DFL);
  }
}

bool StopSignal::received() { return asked != 0; }

}  // namespace kilm::job
