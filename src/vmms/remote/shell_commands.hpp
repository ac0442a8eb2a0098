// What is said to the login shell of a machine, whichever shell that is, and what comes back: pure.
// Nothing of a job is ever in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/machine_spec.hpp"

namespace tango::vmms::remote {

/// Where our programs are put, and where the autodriver that stands by listens. It shows its jobs
/// the folder `bin` beside it.
inline constexpr const char* kInstalled = "/var/lib/tango/autodriver";
inline constexpr const char* kInstalledStudent = "/var/lib/tango/bin/tango-student";
inline constexpr const char* kDriveSocket = "/run/tango/drive/socket";

/// What a command that ends well says last.
inline constexpr std::string_view kDone = "tango-done";

/// As one word of a command line of sh.
[[nodiscard]] std::string shellQuoted(std::string_view text);

/// A command for any login shell that has sh run `script`: one line, without '!' and '\'.
[[nodiscard]] std::string inShell(std::string_view script);

/// Asks what the machine is and has. `set_up_file`: see RemoteConfig.
[[nodiscard]] std::string probeCommand(const std::string& set_up_file);

struct Probe {
  struct Copy {
    std::uint64_t owner = 0;
    std::string mode;  ///< octal, as stat(1) has it
    std::string sha256;
    std::string path;
  };
  std::string architecture;
  bool is_root = false;
  bool has_sudo = false;
  std::string sudo_words;  ///< why not
  std::vector<Copy> copies;
  bool set_up_runs = false;
  std::string set_up_trouble;  ///< "": none
};

/// kSystem: `said` is not the whole of what probeCommand prints. kUnsupported: the login shell
/// prints something of its own, which would be in the way of all else.
base::Result<Probe> parseProbe(std::string_view said);

/// The path of a copy of `sha256` that root, or who may become root, can run; else of one that is
/// setuid root; "": there is none.
[[nodiscard]] std::string usableCopy(const Probe& probe, const std::string& sha256);

/// Whether the jobs of the autodriver at `autodriver` find a tango-student of `sha256`.
[[nodiscard]] bool offersStudent(const Probe& probe, std::string_view autodriver,
                                 const std::string& sha256);

// `as_root`: "", or "sudo -n ".

struct InstallWish {
  std::string place;  ///< a path without characters that mean something to a shell
  std::string sha256;
  std::uint64_t bytes = 0;
};
/// Reads a program from its standard input and puts it at its place, whole or not at all.
[[nodiscard]] std::string installCommand(const std::string& as_root, const InstallWish& wish);

struct AttachWish {
  std::string autodriver;  ///< a path without characters that mean something to a shell
  std::uint64_t lease_s = 0;
  std::uint32_t user = 0;  ///< 0: none is added
  model::MachineSpec machine;
};
/// Joins its standard streams with the autodriver that stands by.
[[nodiscard]] std::string attachCommand(const std::string& as_root, const AttachWish& wish);

/// The machine ends in so many minutes, in the place of what was said before.
[[nodiscard]] std::string shutdownCommand(const std::string& as_root, std::uint64_t minutes);

}  // namespace tango::vmms::remote
