#include "vmms/docker/docker_host.hpp"

#include <algorithm>

#include <sys/utsname.h>

#include "base/log.hpp"

namespace tango::vmms::docker {
namespace {

using base::Error;
using base::ErrorKind;
using base::Millis;

constexpr Millis kRetryMin{1'000};
constexpr Millis kRetryMax{60'000};
// Images come and go; what was once asked of one is cheap to ask again.
constexpr std::size_t kProbedMax = 100;

std::string ownArchitecture() {
  utsname about{};
  return ::uname(&about) == 0 ? about.machine : "";
}

Capacity capacityOf(const DockerHostConfig& config, const EngineInfo& info) {
  return {config.cpu_millis > 0 ? config.cpu_millis : info.cores * 1000,
          config.memory_bytes > 0 ? config.memory_bytes : info.memory_bytes / 4 * 3,
          config.vms_max};
}

}  // namespace

DockerHost::DockerHost(const boost::asio::any_io_executor& executor, DockerHostConfig config,
                       const std::filesystem::path& control_folder)
    : config_(std::move(config)),
      engine_(executor, config_.address, control_folder),
      capacity_{config_.cpu_millis, config_.memory_bytes, config_.vms_max},
      backoff_(kRetryMin, kRetryMax) {}

awaitable<Result<void>> DockerHost::meet(bool allow_unenforced) {
  Result<EngineInfo> info = co_await engine_.meet();
  if (!info) {
    co_return info.error();
  }
  const std::string ours = ownArchitecture();
  if (info->architecture != ours) {
    co_return Error(ErrorKind::kUnsupported,
                    "its machine is " + info->architecture + ", and our autodriver is for " + ours);
  }
  if (!info->cannot_limit.empty()) {
    const std::string message = "its engine cannot limit " + info->cannot_limit;
    if (!allow_unenforced) {
      co_return Error(ErrorKind::kUnsupported,
                      message + " (docker info says why); set allow_unenforced to run jobs anyway");
    }
    base::logWarning("docker: " + name() + ": " + message);
  }
  info_ = *std::move(info);
  capacity_ = capacityOf(config_, info_);
  met_ = true;
  co_return Result<void>();
}

awaitable<Result<ProbedImage>> DockerHost::probe(std::string reference, std::string owner) {
  const Result<ImageDetails> details = co_await engine_.inspectImage(reference);
  if (!details) {
    co_return details.error();
  }
  const auto known = probed_.find(details->id);
  if (known != probed_.end()) {
    co_return known->second;
  }
  ++probing_;
  Result<ProbedImage> probed =
      co_await probeImage(engine_, details->id, std::move(owner), info_.architecture);
  --probing_;
  if (probed) {
    if (probed_.size() >= kProbedMax) {
      probed_.clear();
    }
    probed_.insert_or_assign(details->id, *probed);
  }
  co_return probed;
}

void DockerHost::setAside(const Error& error) {
  const base::Deadline now = base::SteadyClock::now();
  if (!inTrouble()) {
    base::logWarning("docker: " + name() + " is set aside: " + error.message());
    silent_since_ = now;
  }
  trouble_ = error.message();
  backoff_.failed(now);
  autodriver = Autodriver::kMissing;  // who knows what becomes of the host
}

void DockerHost::takeUp() {
  if (inTrouble()) {
    base::logInfo("docker: " + name() + " is taken up again");
  }
  trouble_.clear();
  silent_since_.reset();
  backoff_.succeeded();
}

HostView DockerHost::view() const {
  HostView view;
  view.name = config_.name;
  view.address = config_.address.text();
  view.labels = config_.labels;
  view.version = info_.version;
  view.capacity = capacity_;
  view.used = used_;
  view.draining = drained_ || gone_;
  view.trouble = met_ || !trouble_.empty() ? trouble_ : "not reached yet";
  if (inTrouble()) {
    view.retry_in = std::max(
        Millis(0), std::chrono::duration_cast<Millis>(backoff_.until() - base::SteadyClock::now()));
  }
  return view;
}

}  // namespace tango::vmms::docker
