// Runs jobs in a real sandbox, for tests that look at what a job can do and what it leaves.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "support/temp_folder.hpp"
#include "support/vmms_jobs.hpp"
#include "vmms/sandbox/sandbox_vmms.hpp"

namespace tango::test {

/// A SandboxConfig with the built tango-sandbox and the image `host`.
vmms::SandboxConfig sandboxConfig();

class SandboxJobs {
 public:
  explicit SandboxJobs(vmms::SandboxConfig config = sandboxConfig());

  /// A job whose Makefile has one recipe, `script`, as a shell script in a file of its own.
  JobResult runScript(const std::string& script, model::RunLimits limits = {},
                      model::MachineSpec spec = hostSpec());
  JobResult run(const std::map<std::string, std::string>& files, model::RunLimits limits = {},
                model::MachineSpec spec = hostSpec());

  [[nodiscard]] vmms::SandboxVmms& vmms() { return *vmms_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  static model::MachineSpec hostSpec();

 private:
  boost::asio::io_context context_;
  std::unique_ptr<vmms::SandboxVmms> vmms_;
  std::int64_t next_id_ = 1;
};

}  // namespace tango::test
