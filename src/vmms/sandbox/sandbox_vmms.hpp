// The embedded VMMS: a VM is one prepared job of a slot of tango-sandbox. No daemon, no images to
// pull, a few milliseconds a job; src/sandbox/theory.md says how it holds a job.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "vmms/sandbox/launcher_process.hpp"
#include "vmms/sandbox/slot.hpp"
#include "vmms/sandbox/warm_slots.hpp"
#include "vmms/vmms.hpp"

namespace tango::vmms {

/// What the sandbox VMMS needs to know of an image.
struct SandboxImage {
  sandbox::RootPlan root;
  sandbox::JobUser user;
  std::vector<std::string> environment;
  /// While it lives, the files of `root` stay where they are; null where nobody moves them.
  std::shared_ptr<const void> hold = nullptr;
};

struct SandboxConfig {
  std::filesystem::path launcher = launcherBesideProgram();
  /// kNotFound for an image that there is not, with what to do about it.
  std::function<Result<SandboxImage>(const std::string& name)> find_image;
  /// Slots that are kept ready behind ended jobs; 0: none, each VM is made anew. With more than
  /// there are VMs at once, none waits for the renewal of its slot.
  std::size_t warm_slots_max = 2;
  /// Run jobs without the limits that this host cannot enforce, instead of refusing them.
  bool allow_unenforced = false;
};

class SandboxVmms final : public Vmms, public LiveOutput {
 public:
  /// Starts tango-sandbox. `executor` is the service's one thread.
  static Result<std::unique_ptr<SandboxVmms>> start(boost::asio::any_io_executor executor,
                                                    SandboxConfig config);
  /// No call may be resumed afterwards: end them all, or stop the executor, before.
  ~SandboxVmms() override;

  awaitable<Result<Vm>> initializeVM(VmName name, MachineSpec spec) override;
  awaitable<Result<void>> waitVM(Vm vm, Deadline deadline) override;
  awaitable<Result<void>> copyIn(Vm vm, InputFiles files) override;
  awaitable<Result<RunOutcome>> runJob(Vm vm, RunLimits limits) override;
  awaitable<Result<void>> copyOut(Vm vm, OutputTarget target) override;
  awaitable<Result<void>> destroyVM(Vm vm) override;
  awaitable<Result<void>> safeDestroyVM(Vm vm, Deadline deadline) override;
  awaitable<Result<std::vector<Vm>>> getVMs() override;

  /// `image` was made anew or removed: no VM that is made from now on gets a slot of the old one.
  void imageChanged(const std::string& image);

  Result<std::string> getPartialOutput(const Vm& vm) override;
  Result<void> onOutput(const Vm& vm, std::function<void(std::string_view)> listener) override;

 private:
  struct Machine;
  using MachinePtr = std::shared_ptr<Machine>;
  enum class Step : int;

  SandboxVmms(boost::asio::any_io_executor executor, SandboxConfig config,
              LauncherProcess launcher);

  Result<MachinePtr> take(const Vm& vm, Step expected);
  Result<std::shared_ptr<Slot>> makeSlot(const MachineSpec& spec);
  void keepWarm(const Machine& machine);
  MachinePtr condemn(const Vm& vm);
  void forget(const MachinePtr& machine);
  awaitable<Result<void>> copyFiles(MachinePtr machine, InputFiles files);
  awaitable<Result<void>> awaitFiles(MachinePtr machine);
  awaitable<Result<void>> checkCpuTime(MachinePtr machine) const;
  awaitable<Result<RunOutcome>> runOnSlot(MachinePtr machine);
  awaitable<Result<sandbox::JobEnd>> awaitEnd(MachinePtr machine, Deadline deadline);
  static void readOutput(const MachinePtr& machine);
  awaitable<Result<RunOutcome>> judge(MachinePtr machine, Result<sandbox::JobEnd> end);

  const boost::asio::any_io_executor executor_;
  const SandboxConfig config_;
  LauncherProcess launcher_;
  std::map<std::string, MachinePtr> machines_;
  WarmSlots warm_;
  std::map<std::string, std::uint64_t> image_changes_;  ///< how often each changed
};

}  // namespace tango::vmms
