#include "autodriver/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include <getopt.h>

#include "base/safe_path.hpp"

namespace tango::autodriver {
namespace {

using base::Error;
using base::ErrorKind;

// Clocks and kernels count on in signed 64 bits, and seconds are multiplied.
constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kSecondsMax = 1'000'000'000;
constexpr std::uint64_t kUserIdMax = 0xffff'fffe;
constexpr std::uint64_t kCpuMillisMax = 100'000'000;
constexpr std::uint64_t kFdMax = 1'000'000;

constexpr int kMemory = 256;
constexpr int kDisk = 258;
constexpr int kInodes = 259;
constexpr int kIoRate = 260;
constexpr int kLease = 262;
constexpr int kUserId = 267;
constexpr int kCpus = 269;

struct NumberOption {
  int code;  // the short option's letter, or a number above all letters
  const char* name;
  std::uint64_t Options::* field;
  std::uint64_t max;
  std::uint64_t unit = 1;  // the field is in so many to one of the command line's
};

constexpr std::array kNumberOptions = {
    NumberOption{'u', "nproc", &Options::processes, kNumberMax},
    NumberOption{'f', "fsize", &Options::file_size_bytes, kNumberMax},
    NumberOption{'t', "timeout", &Options::wall_time_ms, kSecondsMax, 1000},
    NumberOption{'o', "osize", &Options::output_bytes, kNumberMax},
    NumberOption{kMemory, "memory", &Options::memory_bytes, kNumberMax},
    NumberOption{257, "cpu-time", &Options::cpu_time_ms, kSecondsMax, 1000},
    NumberOption{kDisk, "disk", &Options::disk_bytes, kNumberMax},
    NumberOption{kInodes, "inodes", &Options::disk_inodes, kNumberMax},
    NumberOption{kIoRate, "io-rate", &Options::io_bytes_per_second, kNumberMax},
    NumberOption{261, "open-files", &Options::open_files, kNumberMax},
    NumberOption{kLease, "lease", &Options::lease_ms, kSecondsMax, 1000},
    NumberOption{kUserId, "user", &Options::user_id, kUserIdMax},
    NumberOption{kCpus, "cpus", &Options::cpu_millis, kCpuMillisMax},
};
constexpr int kReport = 263;
constexpr int kHelp = 264;
constexpr int kVersion = 265;
constexpr int kStandBy = 266;
constexpr int kAttach = 268;
constexpr int kNetwork = 270;

// What bounds a container as a whole; the other limits come with the request to run.
constexpr std::array kOfContainer = {kMemory, kDisk, kInodes, kIoRate, kLease, kUserId, kCpus};
constexpr std::array kOfStandBy = {kLease, kUserId, kMemory};

Error invalid(const std::string& message) {
  return {ErrorKind::kInvalid, message};
}

Result<std::uint64_t> parseNumber(std::string_view text, std::string_view option,
                                  std::uint64_t max) {
  const std::string what =
      "option --" + std::string(option) + ": '" + std::string(text.substr(0, 64)) + "' ";
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) {
    return invalid(what + "is not a whole number, 0 or more");
  }
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number > max) {
    return invalid(what + "is more than " + std::to_string(max));
  }
  return number;
}

std::vector<option> longOptions() {
  std::vector<option> options;
  options.reserve(kNumberOptions.size() + 7);
  for (const NumberOption& number : kNumberOptions) {
    options.push_back({number.name, required_argument, nullptr, number.code});
  }
  options.push_back({"report", required_argument, nullptr, kReport});
  options.push_back({"help", no_argument, nullptr, kHelp});
  options.push_back({"version", no_argument, nullptr, kVersion});
  options.push_back({"stand-by", no_argument, nullptr, kStandBy});
  options.push_back({"attach", required_argument, nullptr, kAttach});
  options.push_back({"network", no_argument, nullptr, kNetwork});
  options.push_back({nullptr, 0, nullptr, 0});
  return options;
}

Result<void> takeNumber(Options& options, int code, const char* argument) {
  for (const NumberOption& number : kNumberOptions) {
    if (number.code != code) {
      continue;
    }
    const Result<std::uint64_t> value = parseNumber(argument, number.name, number.max);
    if (!value) {
      return value.error();
    }
    options.*number.field = *value * number.unit;
    return {};
  }
  return invalid("an option that is parsed by nobody");
}

Result<void> takeReport(Options& options, const char* argument) {
  const Result<std::uint64_t> fd = parseNumber(argument, "report", kFdMax);
  if (!fd) {
    return fd.error();
  }
  if (*fd == 0) {
    return invalid("option --report: 0 is the standard input");
  }
  options.report_fd = static_cast<int>(*fd);
  return {};
}

Error unknown(int code, char** argv) {
  // getopt names a short option in optopt; of a long one it has only passed the word.
  const bool is_short = optopt > 0 && optopt < 256;
  const std::string word = is_short ? std::string("-") + static_cast<char>(optopt)
                                    : std::string(argv[optind - 1]).substr(0, 64);
  return invalid("option " + word +
                 (code == ':' ? ": it needs a number"
                              : ": there is no such option, or it is cut "
                                "short so that it could be several"));
}

// `mode` is the option that makes it stand by, with which only those numbers go.
Result<Options> checkStandBy(const Options& options, bool has_directory, const std::string& mode,
                             std::span<const int> numbers) {
  for (const NumberOption& number : kNumberOptions) {
    const bool goes = std::find(numbers.begin(), numbers.end(), number.code) != numbers.end();
    if (!goes && options.*number.field != 0) {
      return invalid("option --" + std::string(number.name) + ": not with " + mode);
    }
  }
  if (options.report_fd || has_directory) {
    return invalid((has_directory ? "DIRECTORY: not with " : "option --report: not with ") + mode);
  }
  if (options.lease_ms == 0) {
    return invalid("option --lease: " + mode + " needs it, of 1 second or more");
  }
  return options;
}

Result<void> checkRun(const Options& options, int directories) {
  const char* const lacks_mode = options.lease_ms != 0     ? "lease"
                                 : options.user_id != 0    ? "user"
                                 : options.cpu_millis != 0 ? "cpus"
                                                           : nullptr;
  if (lacks_mode != nullptr) {
    return invalid(std::string("option --") + lacks_mode + ": only with " +
                   (options.cpu_millis != 0 ? "--attach" : "--stand-by or --attach"));
  }
  if (directories != 1) {
    return invalid(directories == 0 ? "DIRECTORY is missing" : "there is more than one DIRECTORY");
  }
  return {};
}

// An option that is not a number; false: it is one.
Result<bool> takeWord(Options& options, int code, const char* argument) {
  switch (code) {
    case kStandBy:
      options.action = Options::Action::kStandBy;
      return true;
    case kAttach:
      options.action = Options::Action::kAttach;
      options.socket = argument;
      return true;
    case kNetwork:
      options.network = true;
      return true;
    case kReport: {
      const Result<void> taken = takeReport(options, argument);
      return taken ? Result<bool>(true) : taken.error();
    }
    default:
      return false;
  }
}

}  // namespace

Result<Options> parseOptions(int argc, char** argv) {
  Options options;
  const std::vector<option> long_options = longOptions();
  ::opterr = 0;
  ::optind = 0;  // glibc: begin anew, for a caller that parses more than once
  for (;;) {
    // ':' first: a missing argument is told from an unknown option.
    const int code = ::getopt_long(argc, argv, ":u:f:t:o:", long_options.data(), nullptr);
    if (code == -1) {
      break;
    }
    if (code == kHelp || code == kVersion) {
      options.action = code == kHelp ? Options::Action::kHelp : Options::Action::kVersion;
      return options;
    }
    if (code == '?' || code == ':') {
      return unknown(code, argv);
    }
    const Result<bool> word = takeWord(options, code, optarg);
    if (!word) {
      return word.error();
    }
    if (*word) {
      continue;
    }
    if (const Result<void> taken = takeNumber(options, code, optarg); !taken) {
      return taken.error();
    }
  }
  const int directories = argc - optind;
  if (options.action == Options::Action::kAttach) {
    return checkStandBy(options, directories != 0, "--attach", kOfContainer);
  }
  if (options.network) {
    return invalid("option --network: only with --attach");
  }
  if (options.action == Options::Action::kStandBy) {
    return checkStandBy(options, directories != 0, "--stand-by", kOfStandBy);
  }
  if (const Result<void> runs = checkRun(options, directories); !runs) {
    return runs.error();
  }
  options.directory = argv[optind];
  if (const Result<void> name = base::checkComponent(options.directory, "DIRECTORY"); !name) {
    return name.error();
  }
  return options;
}

model::RunLimits runLimits(const Options& options) {
  model::RunLimits limits;
  limits.wall_time = std::chrono::milliseconds(options.wall_time_ms);
  limits.cpu_time = std::chrono::milliseconds(options.cpu_time_ms);
  limits.processes = options.processes;
  limits.file_size_bytes = options.file_size_bytes;
  limits.output_bytes = options.output_bytes;
  limits.open_files = options.open_files;
  return limits;
}

const char* helpText() {
  return R"(Usage: autodriver [OPTION...] DIRECTORY
       autodriver --stand-by --lease=SECONDS [--user=UID] [--memory=BYTES]
       autodriver --attach=SOCKET --lease=SECONDS [--user=UID] [LIMIT...] [--network]

Runs `make` in a copy of DIRECTORY as the user autograde, under limits, and prints its output.
A number is a whole one; 0, or no option, is no limit.

  -u, --nproc=N          processes and threads at once
  -f, --fsize=BYTES      size of any one file
  -t, --timeout=SECONDS  wall time
  -o, --osize=BYTES      output that is kept: beyond it, the first and the last half
      --memory=BYTES     memory of all processes together, no swap (needs a control group)
      --cpu-time=SECONDS processor time of all processes together (needs a control group)
      --disk=BYTES       all files in the home, /tmp, /var/tmp and /dev/shm; nothing else is
                         writable then (needs CAP_SYS_ADMIN)
      --inodes=N         number of those files (needs CAP_SYS_ADMIN)
      --io-rate=BYTES    disk traffic a second (needs a control group)
      --open-files=N     open files of each process
      --report=FD        write what was used, as one line of JSON, to this open descriptor
      --stand-by         as a container's first process and as root: serve one job's requests from
                         the standard input, and end --lease=SECONDS after the last of them.
                         If there is no autograde, it is added to /etc as number --user=UID.
                         --memory=BYTES says what the container has, and limits nothing
      --attach=SOCKET    joins the standard streams with the autodriver that listens at SOCKET, in
                         /run/tango, and stands by as with --stand-by. If there is none, it is
                         started first, in a container of its own, bounded by --memory, --disk,
                         --inodes, --io-rate and --cpus=N (thousandths of a core), which has no
                         network without --network. It outlives the connection
      --help, --version

Ends with 0 when the job has run (its own status is in the first line), 1 for a wrong call, 2 when
the job was stopped for its time, 3 for an error of the system.
)";
}

}  // namespace tango::autodriver
