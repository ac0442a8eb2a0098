// Machines for tests, each a process of tests/machine/run-machine on loopback: what a cloud would
// make. All of them end with the yard, also when this program is killed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/temp_folder.hpp"
#include "vmms/remote/cloud.hpp"

namespace tango::test {

/// What the machines that are made from now on are like.
struct YardPlan {
  std::string user = "ubuntu";
  std::string user_data;  ///< a script; "": none
  /// They are started only when `MachineYard::boot` says so, and have no address until then.
  bool held = false;
  bool tells_console = true;
  int minute_s = 60;  ///< as long is a minute for `shutdown` there
};

class MachineYard {
 public:
  using Instance = vmms::remote::Instance;

  MachineYard();
  MachineYard(const MachineYard&) = delete;
  MachineYard& operator=(const MachineYard&) = delete;
  ~MachineYard();

  YardPlan plan;

  /// Starts one for `name`; there is none of that name yet that runs. Returns its id.
  std::string make(const model::VmName& name);
  /// Begins to end it; nothing happens if that was done.
  void end(const std::string& id, const std::string& reason = "the user asked for it");
  /// Also what has ended; what has ended by itself meanwhile is told as such.
  std::vector<Instance> instances();
  [[nodiscard]] std::size_t running();
  [[nodiscard]] bool has(const std::string& id) const { return machines_.contains(id); }

  [[nodiscard]] vmms::ssh::SshTarget target(const std::string& id,
                                            const std::string& address) const;
  /// The host keys that its console shows.
  [[nodiscard]] std::vector<std::string> consoleKeys(const std::string& id) const;

  // What may become of a machine.
  /// The id of the one that was made last.
  [[nodiscard]] std::string last() const;
  void boot(const std::string& id);
  /// Returns once its sshd is there.
  void awaitBooted(const std::string& id) const;
  /// Runs `script` in it, which has booted, as root, and waits for its end.
  void run(const std::string& id, const std::string& script) const;
  /// Ends all connections to it, and with `back` lets new ones in.
  void stopSshd(const std::string& id) const;
  void startSshd(const std::string& id);
  void newHostKey(const std::string& id) const;
  /// It is found at another address from now on, and what was connected is cut.
  void move(const std::string& id);
  /// Its console shows another key than its own.
  void falsifyConsole(const std::string& id);
  /// The console shows nothing, or what is there.
  void showConsole(bool shows) { plan.tells_console = shows; }

 private:
  struct Machine {
    Instance instance;
    YardPlan plan;
    std::uint16_t port = 0;
    pid_t pid = -1;                                 ///< of run-machine; -1: not started, or ended
    std::chrono::steady_clock::time_point dead_at;  ///< while it leaves: when it is killed
    std::string folder;
    std::string false_key;
  };

  void start(Machine& machine);
  void reap(Machine& machine);
  /// The command line that runs `command` in it.
  [[nodiscard]] std::vector<std::string> within(const Machine& machine,
                                                const std::vector<std::string>& command) const;
  [[nodiscard]] pid_t firstProcessOf(const Machine& machine) const;

  TempFolder folder_;
  std::map<std::string, Machine> machines_;
  std::string last_;
  std::vector<pid_t> listeners_;  ///< that were started behind the machines' own
};

}  // namespace tango::test
