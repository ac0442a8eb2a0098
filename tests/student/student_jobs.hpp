// Jobs whose grader calls tango-student, with the backend that the test program links
// (conformance/vmms/vmms_under_test.hpp).
#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conformance/vmms/vmms_under_test.hpp"
#include "sandbox/scripts.hpp"
#include "support/vmms_jobs.hpp"

namespace tango::test {

class StudentJobs {
 public:
  StudentJobs();

  /// As SandboxJobs. The folder in which the backend has what a command sees is left away from the
  /// output: its paths are the grader's then.
  JobResult runScript(const std::string& script, model::RunLimits limits = {});
  JobResult run(const std::map<std::string, std::string>& files, model::RunLimits limits = {});

  /// Namespaces of its own hold the command apart; else it is a second user among the grader's
  /// processes.
  [[nodiscard]] bool ownNamespaces() const { return backend_->name() == "sandbox"; }
  /// Nothing can hide processes of other users there.
  [[nodiscard]] bool seesOthers() const { return backend_->name() == "localDocker"; }
  [[nodiscard]] std::string socket() const;

 private:
  std::unique_ptr<VmmsUnderTest> backend_ = makeVmmsUnderTest();
  boost::asio::io_context context_;
  std::unique_ptr<vmms::Vmms> vmms_;
  std::int64_t next_id_ = 1;
};

JobResult runWith(StudentJobs& jobs, const std::string& script,
                  std::map<std::string, std::string> more, model::RunLimits limits = {});

}  // namespace tango::test
