#include "vmms/remote/shell_commands.hpp"

#include <algorithm>
#include <sstream>

namespace tango::vmms::remote {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kProbeBegin = "tango-probe";
constexpr std::string_view kSetUpOk = "ok";
constexpr std::size_t kWordsMax = 200;

// Where whoever made the machine's image may have put it.
constexpr const char* kPlaces =
    "/var/lib/tango/autodriver /usr/local/bin/autodriver /usr/bin/autodriver "
    "/var/lib/tango/bin/tango-student /usr/local/bin/tango-student /usr/bin/tango-student";

// What cloud-init leaves: the folder is there from before sshd is, the file once all has ended.
std::string setUpScript(const std::string& file) {
  return "f=" + shellQuoted(file) +
         "; c=/var/lib/cloud/instance; "
         "if [ -e \"$f\" ]; then echo \"set-up said $(head -n 1 \"$f\")\"; "
         "elif [ -e $c/boot-finished ]; then :; "
         "elif [ -d $c ]; then echo \"set-up runs\"; fi; ";
}

// The first word of `line`, which is cut off it.
std::string nextWord(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string word(line.substr(0, end));
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::string shortened(std::string_view words) {
  return std::string(words.substr(0, kWordsMax));
}

void readRights(std::string_view line, Probe& probe) {
  const std::string how = nextWord(line);
  probe.is_root = how == "root";
  probe.has_sudo = how == "sudo";
  probe.sudo_words = shortened(line);
}

void readCopy(std::string_view line, Probe& probe) {
  Probe::Copy copy;
  const std::string owner = nextWord(line);
  copy.mode = nextWord(line);
  copy.sha256 = nextWord(line);
  copy.path = line;
  copy.owner = owner == "0" ? 0 : 1;  // root's, or somebody's
  probe.copies.push_back(std::move(copy));
}

void readSetUp(std::string_view line, Probe& probe) {
  const std::string word = nextWord(line);
  probe.set_up_runs = word == "runs" || line.empty();
  if (word == "said" && line != kSetUpOk) {
    probe.set_up_trouble = shortened(line);
  }
}

// Root would run what others can write, too.
bool isSafe(const Probe::Copy& copy) {
  const std::string_view mode = copy.mode;
  const auto writable = [](char digit) { return ((digit - '0') & 2) != 0; };
  return copy.owner == 0 && mode.size() >= 3 && !writable(mode[mode.size() - 1]) &&
         !writable(mode[mode.size() - 2]);
}

bool isSetuid(const Probe::Copy& copy) {
  return copy.mode.size() == 4 && ((copy.mode[0] - '0') & 4) != 0;
}

}  // namespace

std::string shellQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char each : text) {
    if (each == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(each);
    }
  }
  return quoted + "'";
}

std::string inShell(std::string_view script) {
  return "sh -c " + shellQuoted(script);
}

std::string probeCommand(const std::string& set_up_file) {
  std::string script = "echo " + std::string(kProbeBegin) +
                       "; u=$(id -u); echo \"machine $(uname -m)\"; "
                       "if [ \"$u\" = 0 ]; then echo \"rights root\"; "
                       "elif w=$(sudo -n true 2>&1); then echo \"rights sudo\"; "
                       "else echo \"rights none $w\" | head -n 1; fi; "
                       "for p in " +
                       std::string(kPlaces) +
                       "; do if [ -f $p ]; then "
                       "echo \"copy $(stat -c \"%u %a\" $p) $(sha256sum < $p | cut -c 1-64) $p\"; "
                       "fi; done; ";
  if (!set_up_file.empty()) {
    script += setUpScript(set_up_file);
  }
  return inShell(script + "echo " + std::string(kDone));
}

Result<Probe> parseProbe(std::string_view said) {
  std::istringstream lines{std::string(said)};
  std::string text;
  if (!std::getline(lines, text) || (text != kProbeBegin && lines.eof())) {
    return Error(ErrorKind::kSystem, "the machine did not say what it is");
  }
  if (text != kProbeBegin) {
    return Error(ErrorKind::kUnsupported,
                 "its login shell prints something before a command: " + shortened(text));
  }
  Probe probe;
  while (std::getline(lines, text)) {
    if (text == kDone) {
      return probe;
    }
    std::string_view line = text;
    const std::string word = nextWord(line);
    if (word == "machine") {
      probe.architecture = shortened(line);
    } else if (word == "rights") {
      readRights(line, probe);
    } else if (word == "copy") {
      readCopy(line, probe);
    } else if (word == "set-up") {
      readSetUp(line, probe);
    }
  }
  return Error(ErrorKind::kSystem, "the machine did not say all of what it is");
}

std::string usableCopy(const Probe& probe, const std::string& sha256) {
  for (const Probe::Copy& copy : probe.copies) {
    const bool runs_as_root = probe.is_root || probe.has_sudo || isSetuid(copy);
    if (copy.sha256 == sha256 && isSafe(copy) && runs_as_root) {
      return copy.path;
    }
  }
  return "";
}

bool offersStudent(const Probe& probe, std::string_view autodriver, const std::string& sha256) {
  // What is not ours to lay out has both in a folder of PATH.
  const std::string place =
      autodriver == kInstalled
          ? kInstalledStudent
          : std::string(autodriver.substr(0, autodriver.rfind('/') + 1)) + "tango-student";
  return std::any_of(probe.copies.begin(), probe.copies.end(), [&](const Probe::Copy& copy) {
    return copy.path == place && copy.sha256 == sha256 && isSafe(copy);
  });
}

std::string installCommand(const std::string& as_root, const InstallWish& wish) {
  const std::string script = "umask 022; d=" + wish.place.substr(0, wish.place.rfind('/')) +
                             "; mkdir -p $d && t=$(mktemp $d/.tango-XXXXXX) && head -c " +
                             std::to_string(wish.bytes) +
                             " > $t && [ \"$(sha256sum < $t | cut -c 1-64)\" = " + wish.sha256 +
                             " ] && chmod 755 $t && mv -f $t " + wish.place + " && echo " +
                             std::string(kDone) + "; r=$?; rm -f \"$t\"; exit $r";
  return inShell("exec " + as_root + inShell(script));
}

std::string attachCommand(const std::string& as_root, const AttachWish& wish) {
  std::string command = "exec " + as_root + wish.autodriver + " --attach=" + kDriveSocket;
  const auto add = [&command](const char* option, std::uint64_t value) {
    if (value != 0) {
      command += std::string(" --") + option + "=" + std::to_string(value);
    }
  };
  add("lease", wish.lease_s);
  add("user", wish.user);
  add("memory", wish.machine.memory_bytes);
  add("disk", wish.machine.disk_bytes);
  add("inodes", wish.machine.disk_inodes);
  add("io-rate", wish.machine.io_bytes_per_second);
  add("cpus", wish.machine.cpu_millis);
  return inShell(command + (wish.machine.network ? " --network" : ""));
}

std::string shutdownCommand(const std::string& as_root, std::uint64_t minutes) {
  return inShell(as_root + "shutdown --no-wall -P +" + std::to_string(minutes) +
                 " > /dev/null && echo " + std::string(kDone));
}

}  // namespace tango::vmms::remote
