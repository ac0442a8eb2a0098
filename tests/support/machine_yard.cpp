#include "support/machine_yard.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace tango::test {
namespace {

using State = vmms::remote::Instance::State;

void must(bool done, const std::string& what) {
  if (!done) {
    throw std::runtime_error(what);
  }
}

// Its output goes to the file `out`; "": nowhere.
pid_t spawn(std::vector<std::string> arguments, const std::string& out) {
  std::vector<char*> pointers;
  for (std::string& each : arguments) {
    pointers.push_back(each.data());
  }
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    ::posix_spawn_file_actions_addopen(&actions, fd, out.empty() ? "/dev/null" : out.c_str(),
                                       O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  must(failed == 0, "start " + arguments[0]);
  return pid;
}

int statusOf(pid_t pid) {
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

std::string nextAddress() {
  static int made = static_cast<int>(::getpid());
  return "127.0.10." + std::to_string(++made % 250 + 2);
}

std::uint16_t freePort(const std::string& address) {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  ::inet_pton(AF_INET, address.c_str(), &at.sin_addr);
  socklen_t size = sizeof at;
  must(::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), size) == 0, "bind " + address);
  must(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0, "getsockname");
  return ntohs(at.sin_port);
}

std::string lastLineOf(const std::string& path) {
  std::ifstream file(path);
  std::string last;
  for (std::string line; std::getline(file, line);) {
    last = line;
  }
  return last;
}

pid_t firstChildOf(pid_t pid) {
  const std::string id = std::to_string(pid);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  pid_t child = -1;
  children >> child;
  return child;
}

}  // namespace

MachineYard::MachineYard() {
  const std::string key = folder_.path() / "key";
  const pid_t made = spawn({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key}, "");
  must(statusOf(made) == 0, "ssh-keygen");
}

MachineYard::~MachineYard() {
  for (const auto& [id, machine] : machines_) {
    end(id);
  }
  while (running() > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (const pid_t each : listeners_) {
    ::kill(each, SIGKILL);
    statusOf(each);
  }
}

std::string MachineYard::make(const model::VmName& name) {
  last_ = "i-" + std::to_string(machines_.size() + 1);
  Machine& machine = machines_[last_];
  machine.plan = plan;
  machine.folder = folder_.path() / last_;
  machine.instance.id = last_;
  machine.instance.name = name;
  if (!plan.held) {
    boot(last_);
  }
  return last_;
}

void MachineYard::boot(const std::string& id) {
  Machine& machine = machines_.at(id);
  machine.instance.address = nextAddress();
  machine.port = freePort(machine.instance.address);
  machine.instance.state = State::kRunning;
  start(machine);
}

void MachineYard::start(Machine& machine) {
  std::filesystem::create_directory(machine.folder);
  std::vector<std::string> command = {"setpriv",
                                      "--pdeathsig",
                                      "TERM",
                                      TANGO_MACHINES "/run-machine",
                                      "--address=" + machine.instance.address,
                                      "--port=" + std::to_string(machine.port),
                                      "--authorized-key=" + (folder_.path() / "key.pub").string(),
                                      "--state=" + machine.folder,
                                      "--user=" + machine.plan.user,
                                      "--minute=" + std::to_string(machine.plan.minute_s)};
  if (!machine.plan.user_data.empty()) {
    std::ofstream(machine.folder + "/user-data") << machine.plan.user_data;
    command.push_back("--user-data=" + machine.folder + "/user-data");
  }
  machine.pid = spawn(std::move(command), machine.folder + "/out");
}

void MachineYard::end(const std::string& id, const std::string& reason) {
  Machine& machine = machines_.at(id);
  if (machine.pid > 0 && machine.instance.state == State::kRunning) {
    ::kill(machine.pid, SIGTERM);
    machine.dead_at = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    machine.instance.state = State::kLeaving;
    machine.instance.reason = reason;
  } else if (machine.pid <= 0) {
    machine.instance.state = State::kGone;
  }
}

void MachineYard::reap(Machine& machine) {
  int status = 0;
  if (machine.pid > 0 && ::waitpid(machine.pid, &status, WNOHANG) == machine.pid) {
    machine.pid = -1;
    if (machine.instance.state == State::kRunning) {
      machine.instance.reason = "it shut itself down: " + lastLineOf(machine.folder + "/out");
    }
    machine.instance.state = State::kGone;
  } else if (machine.pid > 0 && machine.instance.state == State::kLeaving &&
             std::chrono::steady_clock::now() > machine.dead_at) {
    ::kill(machine.pid, SIGKILL);  // bash may lose a signal that comes while it starts
  }
}

std::vector<MachineYard::Instance> MachineYard::instances() {
  std::vector<Instance> all;
  for (auto& [id, machine] : machines_) {
    reap(machine);
    all.push_back(machine.instance);
  }
  return all;
}

std::size_t MachineYard::running() {
  const std::vector<Instance> all = instances();
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const Instance& each) { return each.state != State::kGone; }));
}

vmms::ssh::SshTarget MachineYard::target(const std::string& id, const std::string& address) const {
  const Machine& machine = machines_.at(id);
  vmms::ssh::SshTarget target;
  target.host = address;
  target.port = machine.port;
  target.user = machine.plan.user;
  target.config_file = "/dev/null";
  target.key_file = folder_.path() / "key";
  return target;
}

std::vector<std::string> MachineYard::consoleKeys(const std::string& id) const {
  const Machine& machine = machines_.at(id);
  std::vector<std::string> keys;
  if (!plan.tells_console) {
    return keys;
  }
  if (!machine.false_key.empty()) {
    return {machine.false_key};
  }
  std::ifstream console(machine.folder + "/console");
  bool among = false;
  for (std::string line; std::getline(console, line);) {
    line.erase(line.find_last_not_of('\r') + 1);
    if (line.find("HOST KEY KEYS-----") != std::string::npos) {
      among = line.starts_with("-----BEGIN");
    } else if (among) {
      keys.push_back(line);
    }
  }
  return keys;
}

std::string MachineYard::last() const {
  return last_;
}

// run-machine, a subshell that became `unshare`, the first process of the machine.
pid_t MachineYard::firstProcessOf(const Machine& machine) const {
  return firstChildOf(firstChildOf(machine.pid));
}

void MachineYard::awaitBooted(const std::string& id) const {
  while (lastLineOf(machines_.at(id).folder + "/out") != "ready") {
    must(::kill(machines_.at(id).pid, 0) == 0, "boot " + id);
    ::usleep(5'000);
  }
}

std::vector<std::string> MachineYard::within(const Machine& machine,
                                             const std::vector<std::string>& command) const {
  const pid_t first = firstProcessOf(machine);
  must(first > 0, "find the first process of " + machine.instance.id);
  std::vector<std::string> all = {
      "nsenter", "--target", std::to_string(first), "--mount", "--pid", "--uts", "--ipc", "--net",
      "--root",  "--wd"};
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

void MachineYard::run(const std::string& id, const std::string& script) const {
  const Machine& machine = machines_.at(id);
  const int status =
      statusOf(spawn(within(machine, {"bash", "-c", script}), machine.folder + "/out"));
  must(status == 0, "in " + id + ": " + script);
}

void MachineYard::stopSshd(const std::string& id) const {
  run(id,
      "pkill -KILL -x listener; pkill -KILL sshd; "
      "while pgrep 'sshd|listener' >/dev/null; do read -rt 0.01 <> <(:); done; true");
}

void MachineYard::startSshd(const std::string& id) {
  Machine& machine = machines_.at(id);
  std::vector<std::string> command = {"setpriv",
                                      "--pdeathsig",
                                      "KILL",
                                      TANGO_MACHINES "/listener",
                                      "bind",
                                      machine.instance.address,
                                      std::to_string(machine.port)};
  for (std::string& each : within(machine, {"/usr/local/lib/machine/listener", "serve"})) {
    command.push_back(std::move(each));
  }
  listeners_.push_back(spawn(std::move(command), machine.folder + "/sshd.log"));
}

void MachineYard::newHostKey(const std::string& id) const {
  run(id,
      "cd /etc/ssh && rm ssh_host_ed25519_key* && "
      "ssh-keygen -q -t ed25519 -N '' -f ssh_host_ed25519_key");
}

void MachineYard::move(const std::string& id) {
  stopSshd(id);
  machines_.at(id).instance.address = nextAddress();
  startSshd(id);
}

void MachineYard::falsifyConsole(const std::string& id) {
  machines_.at(id).false_key =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8qXo9Ykz8rPq0jYb6Vv2m7cW1lTq3x5n9aBcDeFgHi";
}

}  // namespace tango::test
