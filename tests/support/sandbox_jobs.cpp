#include "support/sandbox_jobs.hpp"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <fcntl.h>

#include "support/run_on.hpp"
#include "vmms/sandbox/root_plan.hpp"

namespace tango::test {
namespace {

using base::Result;
using vmms::awaitable;

constexpr base::Millis kReadyTimeout{30'000};

awaitable<JobResult> runOne(vmms::SandboxVmms& vmms, vmms::VmName name, model::MachineSpec spec,
                            model::InputFiles files, model::RunLimits limits,
                            std::filesystem::path output) {
  JobResult result;
  Result<model::Vm> vm = co_await vmms.initializeVM(name, spec);
  if (!vm) {
    result.outcome = vm.error();
    co_return result;
  }
  Result<void> ready = co_await vmms.waitVM(*vm, base::after(kReadyTimeout));
  Result<void> copied = ready;
  if (ready) {
    copied = co_await vmms.copyIn(*vm, files);
  }
  if (!copied) {
    result.outcome = copied.error();
  } else {
    result.outcome = co_await vmms.runJob(*vm, limits);
  }
  if (result.outcome) {
    const base::UniqueFd file(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    Result<void> fetched = co_await vmms.copyOut(*vm, {file.get()});
    if (!fetched) {
      result.outcome = fetched.error();
    }
  }
  Result<void> destroyed = co_await vmms.destroyVM(*vm);
  if (!destroyed) {
    result.outcome = destroyed.error();
  }
  co_return result;
}

}  // namespace

std::string JobResult::body() const {
  const std::size_t end = output.find('\n');
  return end == std::string::npos ? "" : output.substr(end + 1);
}

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
  const TempFolder folder;
  model::InputFiles input;
  for (const auto& [name, content] : files) {
    input.push_back({folder.write(name, content), name});
  }
  const vmms::VmName name{"test", next_id_++, spec.image};
  const std::filesystem::path output = folder.path() / "output";
  JobResult result =
      runOn(context_, runOne(*vmms_, name, std::move(spec), std::move(input), limits, output));
  std::ostringstream text;
  text << std::ifstream(output, std::ios::binary).rdbuf();
  result.output = text.str();
  return result;
}

}  // namespace tango::test
