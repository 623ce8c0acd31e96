// The main function of every test program: doctest's runner, the final checks if all cases ran, then the closing line
// `N passed, N failed`.
#include <doctest/doctest.h>

#include <cstdio>
#include <vector>

#include "tests/final_check.h"
#include "tests/test_device.h"

namespace {

struct ClosingLine : doctest::IReporter {
  explicit ClosingLine(const doctest::ContextOptions&) {}
  void test_run_end(const doctest::TestRunStats& run) override {
    passed = run.numTestCasesPassingFilters - run.numTestCasesFailed;
    failed = run.numTestCasesFailed;
    complete = run.numTestCasesPassingFilters == run.numTestCases;
  }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

  static inline unsigned passed = 0, failed = 0;
  static inline bool complete = false;
};

std::vector<const tests::FinalCheck*>& final_checks() {
  static std::vector<const tests::FinalCheck*> checks;
  return checks;
}

}  // namespace

tests::FinalCheck::FinalCheck(const char* name, std::string (*faults)()) : name(name), faults(faults) {
  final_checks().push_back(this);
}

REGISTER_LISTENER("closing_line", 1, ClosingLine);

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  int status = context.run();
  if (context.shouldExit()) return status;
  for (const tests::FinalCheck* check : final_checks()) {
    if (!ClosingLine::complete) break;
    const std::string faults = check->faults();
    if (!faults.empty()) std::printf("%s:\n%s", check->name, faults.c_str());
    (faults.empty() ? ClosingLine::passed : ClosingLine::failed) += 1;
    status |= !faults.empty();
  }
  for (const tests::TestDevice& device : tests::test_devices())
    std::printf("device: %s\n", tensor::to_string(device.device).c_str());
  std::printf("%u passed, %u failed\n", ClosingLine::passed, ClosingLine::failed);
  return ClosingLine::passed + ClosingLine::failed == 0 ? 1 : status;
}
