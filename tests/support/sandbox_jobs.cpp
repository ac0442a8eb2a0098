#include "support/sandbox_jobs.hpp"

#include <utility>

#include <doctest/doctest.h>

#include "vmms/sandbox/root_plan.hpp"

namespace tango::test {
using base::Result;

vmms::SandboxConfig sandboxConfig() {
  vmms::SandboxConfig config;
  config.launcher = TANGO_SANDBOX_PROGRAM;
  config.find_image = [](const std::string& name) -> Result<vmms::SandboxImage> {
    if (name != vmms::kHostImage) {
      return base::Error(base::ErrorKind::kNotFound, "there is no image " + name);
    }
    return vmms::SandboxImage{vmms::hostRootPlan({}), {}, vmms::jobEnvironment({})};
  };
  return config;
}

SandboxJobs::SandboxJobs(vmms::SandboxConfig config) {
  auto started = vmms::SandboxVmms::start(context_.get_executor(), std::move(config));
  if (!started) {
    FAIL(started.error().message());
  }
  vmms_ = *std::move(started);
}

model::MachineSpec SandboxJobs::hostSpec() {
  model::MachineSpec spec;
  spec.image = vmms::kHostImage;
  return spec;
}

JobResult SandboxJobs::runScript(const std::string& script, model::RunLimits limits,
                                 model::MachineSpec spec) {
  return run({{"Makefile", "all:\n\t@sh script\n"}, {"script", script}}, limits, std::move(spec));
}

JobResult SandboxJobs::run(const std::map<std::string, std::string>& files, model::RunLimits limits,
                           model::MachineSpec spec) {
  const vmms::VmName name{"test", next_id_++, spec.image};
  return runJobIn(context_, *vmms_, name, std::move(spec), files, limits);
}

}  // namespace tango::test
