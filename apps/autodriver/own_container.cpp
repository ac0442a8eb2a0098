#include "autodriver/own_container.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "autodriver/channel.hpp"
#include "autodriver/service_end.hpp"
#include "autodriver/stand_by.hpp"
#include "autodriver/stop_signals.hpp"
#include "autodriver/view.hpp"
#include "sandbox/parts/namespaces.hpp"

namespace tango::autodriver {
namespace {

constexpr int kFailed = 3;

// What an engine gives a container in which an autodriver stands by, and no more.
Result<void> dropRights() {
  constexpr std::array kKept = {CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SETPCAP};
  std::uint64_t kept = 0;
  for (const int capability : kKept) {
    kept |= std::uint64_t{1} << static_cast<unsigned>(capability);
  }
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    if ((kept >> static_cast<unsigned>(capability) & 1U) == 0 &&
        ::prctl(PR_CAPBSET_DROP, capability) != 0) {
      return base::systemError(errno, "drop a right");
    }
  }
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  for (unsigned word = 0; word < data.size(); ++word) {
    const auto bits = static_cast<std::uint32_t>(kept >> (32 * word));
    data.at(word) = {bits, bits, 0};
  }
  if (::syscall(SYS_capset, &head, data.data()) != 0 ||
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::systemError(errno, "drop the rights");
  }
  return {};
}

Result<void> enter(Job& job, std::uint64_t memory_bytes, const StopSignals& stop) {
  if (Result<void> seen = makeView(job.view); !seen) {
    return base::Error(base::ErrorKind::kUnsupported,
                       "cannot make a container on this machine: " + seen.error().message());
  }
  if (!job.view.network) {
    if (Result<void> up = sandbox::bringLoopbackUp(); !up) {
      return up;
    }
  }
  if (Result<void> dropped = dropRights(); !dropped) {
    return dropped;
  }
  return prepareToServe(job, memory_bytes, stop);
}

}  // namespace

int runInContainer(OwnContainer container) {
  const Result<StopSignals> stop = StopSignals::open();
  if (!stop || !takeCommand(container.channel)) {
    return kFailed;
  }
  if (const Result<void> entered = enter(container.job, container.memory_bytes, *stop); !entered) {
    sendNote(container.channel, Note::failed(entered.error()));
    return kFailed;
  }
  if (!sendNote(container.channel, Note())) {
    return kFailed;
  }
  ServiceEnd service = ServiceEnd::listening(std::move(container.listener), container.lease, *stop);
  sayLastWord(serveJob(std::move(container.job), std::move(service), *stop, container.group));
  return 0;
}

}  // namespace tango::autodriver
