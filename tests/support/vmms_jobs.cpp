#include "support/vmms_jobs.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <fcntl.h>

#include "base/unique_fd.hpp"
#include "support/run_on.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {
namespace {

using base::Result;
using vmms::awaitable;

constexpr base::Millis kReadyTimeout{60'000};

awaitable<JobResult> runOne(vmms::Vmms& vmms, vmms::VmName name, model::MachineSpec spec,
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

JobResult runJobIn(boost::asio::io_context& context, vmms::Vmms& vmms, vmms::VmName name,
                   model::MachineSpec spec, const std::map<std::string, std::string>& files,
                   model::RunLimits limits) {
  const TempFolder folder;
  model::InputFiles input;
  for (const auto& [file, content] : files) {
    input.push_back({folder.write(file, content), file});
  }
  const std::filesystem::path output = folder.path() / "output";
  JobResult result = runOn(
      context, runOne(vmms, std::move(name), std::move(spec), std::move(input), limits, output));
  std::ostringstream text;
  text << std::ifstream(output, std::ios::binary).rdbuf();
  result.output = text.str();
  return result;
}

}  // namespace tango::test
