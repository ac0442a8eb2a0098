#include "sandbox/parts/network_counters.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>

#include "sandbox/parts/cgroup_files.hpp"

namespace tango::sandbox {
namespace {

using base::Result;
using base::systemError;
using base::UniqueFd;

// Every packet of a job goes over the loopback interface (`dev`); what fails before it gets there
// is counted by protocol. The tables of sockets (unix, tcp, udp and the like) are left out: those
// of TCP and UDP are walked through the whole host's hash tables, and `sockstat` has a socket of
// any family in one sum, with what waits after its end beside it.
constexpr std::array kTables = {"dev", "snmp", "snmp6", "netstat"};
constexpr const char* kSockets = "sockstat";

// A table that this kernel does not have is no file: it has nothing to count.
Result<UniqueFd> openTable(const char* name) {
  const std::string path = std::string("/proc/self/net/") + name;
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno != ENOENT) {
    return systemError(errno, "open " + path);
  }
  return file;
}

// Without the host's own numbers: orphan, alloc and mem.
std::string readSockets(const UniqueFd& file) {
  std::string ours;
  for (const std::string& line : split(readFromStart(file.get()), '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] == "used" || words[i] == "inuse" || words[i] == "tw") {
        ours += words[0] + words[i] + words[i + 1];
      }
    }
  }
  return ours;
}

}  // namespace

Result<NetworkCounters> NetworkCounters::open() {
  NetworkCounters counters;
  for (const char* name : kTables) {
    Result<UniqueFd> file = openTable(name);
    if (!file) {
      return file.error();
    }
    if (*file) {
      std::string clean = readFromStart(file->get());
      counters.tables_.push_back({*std::move(file), std::move(clean)});
    }
  }
  Result<UniqueFd> sockets = openTable(kSockets);
  if (!sockets) {
    return sockets.error();
  }
  std::string clean = readSockets(*sockets);
  counters.sockets_ = {*std::move(sockets), std::move(clean)};
  return counters;
}

bool NetworkCounters::areClean() const {
  for (const Table& table : tables_) {
    if (table.clean.empty() || readFromStart(table.file.get()) != table.clean) {
      return false;
    }
  }
  return !sockets_.clean.empty() && readSockets(sockets_.file) == sockets_.clean;
}

}  // namespace tango::sandbox
