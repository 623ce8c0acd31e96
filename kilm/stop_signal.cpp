#include "kilm/stop_signal.h"

#include <unistd.h>

#include <csignal>

namespace kilm {

namespace {

volatile std::sig_atomic_t asked = 0;

void handle(int number) {
  if (asked) _exit(128 + number);
  asked = 1;
}

}  // namespace

StopSignal::StopSignal() {
  asked = 0;
  struct sigaction action {};
  action.sa_handler = handle;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
}

StopSignal::~StopSignal() {
  asked = 0;
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
}

bool StopSignal::received() { return asked != 0; }

}  // namespace kilm
