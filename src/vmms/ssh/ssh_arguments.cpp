#include "vmms/ssh/ssh_arguments.hpp"

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"

namespace tango::vmms::ssh {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kNameBytesMax = 255;

bool isOfName(char each) {
  const char small = base::lower(each);
  return (small >= 'a' && small <= 'z') || (each >= '0' && each <= '9') ||
         std::string_view("._:%-").find(each) != std::string_view::npos;
}

Result<void> checkName(const std::string& name, const char* what) {
  if (name.size() > kNameBytesMax) {
    return Error(ErrorKind::kInvalid, std::string("the ssh ") + what + " is too long");
  }
  if (name.starts_with('-')) {
    return Error(ErrorKind::kInvalid, std::string("the ssh ") + what + " begins with a '-'");
  }
  if (!std::all_of(name.begin(), name.end(), isOfName)) {
    return Error(ErrorKind::kInvalid, std::string("the ssh ") + what +
                                          " has other characters than letters, digits and ._:%-");
  }
  return {};
}

// They stand between quotation marks in what ssh reads as a line of its configuration.
Result<void> checkPath(const std::string& path, const char* what) {
  const bool bad = std::any_of(path.begin(), path.end(), [](char each) {
    return base::isControl(each) || each == '"' || each == '\\';
  });
  if (bad) {
    return Error(ErrorKind::kInvalid, std::string("the path of the ssh ") + what +
                                          " has a control character, '\"' or '\\' in it");
  }
  return {};
}

class Arguments {
 public:
  void add(std::string argument) { all_.push_back(std::move(argument)); }
  void add(std::string flag, std::string value) {
    add(std::move(flag));
    add(std::move(value));
  }
  void set(const std::string& option, const std::string& value) { add("-o", option + "=" + value); }
  std::vector<std::string> take() && { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

// Nothing but the file of the known hosts says what the host's key is, and ssh adds no further keys
// to it.
void pin(Arguments& arguments, const SshTarget& target) {
  arguments.set("HostKeyAlias", target.host_key_alias);
  arguments.set("StrictHostKeyChecking", target.learns_key ? "accept-new" : "yes");
  arguments.set("GlobalKnownHostsFile", "/dev/null");
  arguments.set("KnownHostsCommand", "none");
  arguments.set("VerifyHostKeyDNS", "no");
  arguments.set("UpdateHostKeys", "no");
  arguments.set("HashKnownHosts", "no");
  arguments.set("CheckHostIP", "no");
}

// What stands here comes before the operator's configuration, which keeps its say in all else: a
// session of ours is a pipe, whatever a session at a terminal there should be like.
Arguments shared(const SshTarget& target, const SshPatience& patience, const std::string& socket) {
  Arguments arguments;
  arguments.add("ssh");
  if (!target.config_file.empty()) {
    arguments.add("-F", target.config_file);
  }
  arguments.add("-T");  // no terminal there
  arguments.add("-a");  // no way for it to our agent
  arguments.add("-x");  // or display
  arguments.add("-S", socket);
  arguments.set("ControlPersist", "no");
  arguments.set("BatchMode", "yes");
  arguments.set("ConnectTimeout", std::to_string(patience.connect.count()));
  arguments.set("ServerAliveInterval", std::to_string(patience.alive_interval.count()));
  arguments.set("ServerAliveCountMax", std::to_string(patience.alive_count_max));
  arguments.set("ClearAllForwardings", "yes");
  arguments.set("PermitLocalCommand", "no");
  arguments.set("RemoteCommand", "none");
  if (!target.user.empty()) {
    arguments.add("-l", target.user);
  }
  if (target.port != 0) {
    arguments.add("-p", std::to_string(target.port));
  }
  if (!target.key_file.empty()) {
    arguments.add("-i", target.key_file);
    arguments.set("IdentitiesOnly", "yes");
  }
  if (!target.known_hosts_file.empty()) {
    arguments.set("UserKnownHostsFile", '"' + target.known_hosts_file + '"');
  }
  if (!target.host_key_alias.empty()) {
    pin(arguments, target);
  }
  return arguments;
}

}  // namespace

Result<void> checkTarget(const SshTarget& target) {
  if (target.host.empty()) {
    return Error(ErrorKind::kInvalid, "the ssh host is empty");
  }
  for (const auto& [name, what] : {std::pair(&target.host, "host"),
                                   {&target.user, "user"},
                                   {&target.host_key_alias, "host key alias"}}) {
    const Result<void> good = checkName(*name, what);
    if (!good) {
      return good;
    }
  }
  for (const auto& [path, what] : {std::pair(&target.config_file, "configuration"),
                                   {&target.key_file, "key"},
                                   {&target.known_hosts_file, "known hosts"}}) {
    const Result<void> good = checkPath(*path, what);
    if (!good) {
      return good;
    }
  }
  return {};
}

std::vector<std::string> masterArguments(const SshTarget& target, const SshPatience& patience,
                                         const std::string& socket) {
  Arguments arguments = shared(target, patience, socket);
  arguments.add("-M");
  arguments.add("-N");
  arguments.add("--", target.host);
  return std::move(arguments).take();
}

std::vector<std::string> commandArguments(const SshTarget& target, const SshPatience& patience,
                                          const std::string& socket, const std::string& command) {
  Arguments arguments = shared(target, patience, socket);
  arguments.set("ControlMaster", "no");
  arguments.add("--", target.host);
  arguments.add(command);
  return std::move(arguments).take();
}

}  // namespace tango::vmms::ssh
