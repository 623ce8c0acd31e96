#include "kilm/job/progress.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

// Returns what `body` prints to standard error, which is no terminal meanwhile.
template <class Body>
std::string printed(Body body) {
  std::FILE* file = std::tmpfile();
  const int before = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  body();
  dup2(before, STDERR_FILENO);
  close(before);
  std::rewind(file);
  std::string text;
  for (int c; (c = std::fgetc(file)) != EOF;) text += char(c);
  std::fclose(file);
  return text;
}

}  // namespace

TEST_CASE("without a terminal progress is plain lines now and then, the first and the last among them") {
  const std::string text = printed([] {
    kilm::job::Progress progress("train", 1000);
    for (int64_t i = 1; i <= 1000; ++i) progress.update(i, "loss 2.5");
  });
  CHECK(text == "train 1/1000  loss 2.5  0 s left\ntrain 1000/1000  loss 2.5  0 s left\n");
}

TEST_CASE("what is worth a line of its own gets one") {
  CHECK(printed([] { kilm::job::Progress("train", 9).say("the disk is full"); }) == "the disk is full\n");
}

TEST_CASE("a job of unknown length has no time left, and a resumed one starts where it is") {
  CHECK(printed([] { kilm::job::Progress("read", 0).update(5, "pages"); }) == "read 5  pages\n");
  CHECK(printed([] { kilm::job::Progress("train", 10, 7).update(7, "x"); }) == "train 7/10  x\n");
}
