// Runs the cases that this program links, and says which of them the backend fails.
#define DOCTEST_CONFIG_IMPLEMENT
#include <iostream>

#include <doctest/doctest.h>

#include "conformance/vmms/vmms_under_test.hpp"

namespace {

constexpr int kSkipped = 77;  // CTest's SKIP_RETURN_CODE

// Names backend and case below doctest's own words, which know only the case.
class NamesTheBackend : public doctest::IReporter {
 public:
  explicit NamesTheBackend(const doctest::ContextOptions& /*options*/) {}

  void test_case_start(const doctest::TestCaseData& data) override { case_ = data.m_name; }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    if (!stats.testCaseSuccess) {
      std::cout << "CONTRACT BROKEN by " << tango::test::makeVmmsUnderTest()->name() << ": "
                << case_ << std::endl;
    }
  }

  void report_query(const doctest::QueryData& /*query*/) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& /*stats*/) override {}
  void test_case_reenter(const doctest::TestCaseData& /*data*/) override {}
  void test_case_exception(const doctest::TestCaseException& /*thrown*/) override {}
  void subcase_start(const doctest::SubcaseSignature& /*subcase*/) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData& /*data*/) override {}
  void log_message(const doctest::MessageData& /*data*/) override {}
  void test_case_skipped(const doctest::TestCaseData& /*data*/) override {}

 private:
  std::string case_;
};

REGISTER_LISTENER("names the backend", 1, NamesTheBackend);

}  // namespace

int main(int argc, char** argv) {
  const auto backend = tango::test::makeVmmsUnderTest();
  if (const auto why = backend->unavailable()) {
    std::cout << backend->name() << " cannot be tested here: " << *why << std::endl;
    return kSkipped;
  }
  return doctest::Context(argc, argv).run();
}
