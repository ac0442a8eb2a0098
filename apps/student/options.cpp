#include "student/options.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include <getopt.h>

namespace tango::student {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using sandbox::StudentLimits;

enum Code : int {
  kTimeout = 't',
  kFile = 'f',
  kEnv = 'e',
  kHelp = 'h',
  kCpuTime = 256,
  kMemory,
  kDisk,
  kProcesses,
  kOpenFiles,
  kFileSize,
  kOutput,
  kFetch,
  kNetwork,
  kReport,
  kVersion
};

constexpr std::array kLongOptions = {
    option{"timeout", required_argument, nullptr, kTimeout},
    option{"cpu-time", required_argument, nullptr, kCpuTime},
    option{"memory", required_argument, nullptr, kMemory},
    option{"disk", required_argument, nullptr, kDisk},
    option{"processes", required_argument, nullptr, kProcesses},
    option{"open-files", required_argument, nullptr, kOpenFiles},
    option{"file-size", required_argument, nullptr, kFileSize},
    option{"output", required_argument, nullptr, kOutput},
    option{"file", required_argument, nullptr, kFile},
    option{"fetch", required_argument, nullptr, kFetch},
    option{"env", required_argument, nullptr, kEnv},
    option{"network", no_argument, nullptr, kNetwork},
    option{"report", required_argument, nullptr, kReport},
    option{"help", no_argument, nullptr, kHelp},
    option{"version", no_argument, nullptr, kVersion},
    option{nullptr, 0, nullptr, 0},
};

constexpr double kSecondsMax = 1e9;

Error invalid(const std::string& name, std::string_view text, const char* wanted) {
  return {ErrorKind::kInvalid,
          "option --" + name + ": '" + std::string(text.substr(0, 64)) + "' is not " + wanted};
}

// Seconds, in milliseconds. 0 would mean no limit, which nobody asks for with a number.
Result<std::uint64_t> parseTime(const std::string& name, std::string_view text) {
  double seconds = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != end || !(seconds > 0) || seconds > kSecondsMax) {
    return invalid(name, text, "a number of seconds above 0");
  }
  return static_cast<std::uint64_t>(std::ceil(seconds * 1000));
}

// Bytes, with K, M or G for powers of 1024; or just a number, if `units` is empty.
Result<std::uint64_t> parseAmount(const std::string& name, std::string_view text,
                                  std::string_view units) {
  const char* const wanted =
      units.empty() ? "a whole number above 0" : "a number of bytes above 0 (K, M and G are units)";
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  std::uint64_t factor = 1;
  const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  if (!unit.empty()) {
    const std::size_t which = units.find(unit);
    if (unit.size() != 1 || which == std::string_view::npos) {
      return invalid(name, text, wanted);
    }
    factor = std::uint64_t{1024} << (10 * which);
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (parsed.ec != std::errc() || number == 0 || number > kMax / factor) {
    return invalid(name, text, wanted);
  }
  return number * factor;
}

Result<void> takeLimit(Options& options, int code, const std::string& name, std::string_view text) {
  struct Field {
    int code;
    std::uint64_t* field;
    const char* units;  // null: a time
  };
  StudentLimits& limits = options.limits;
  const std::array fields = {
      Field{kTimeout, &limits.wall_ms, nullptr},
      Field{kCpuTime, &limits.cpu_ms, nullptr},
      Field{kMemory, &limits.memory_bytes, "KMG"},
      Field{kDisk, &limits.disk_bytes, "KMG"},
      Field{kProcesses, &limits.processes, ""},
      Field{kOpenFiles, &limits.open_files, ""},
      Field{kFileSize, &limits.file_size_bytes, "KMG"},
      Field{kOutput, &options.output_bytes, "KMG"},
  };
  for (const Field& field : fields) {
    if (field.code != code) {
      continue;
    }
    const Result<std::uint64_t> value =
        field.units == nullptr ? parseTime(name, text) : parseAmount(name, text, field.units);
    if (!value) {
      return value.error();
    }
    *field.field = *value;
    return {};
  }
  return Error(ErrorKind::kInvalid, "an option that is parsed by nobody");
}

Result<void> take(Options& options, int code, const std::string& name) {
  const std::string argument = optarg == nullptr ? "" : optarg;
  switch (code) {
    case kFile:
      options.files.push_back(argument);
      return {};
    case kFetch:
      options.results.push_back(argument);
      return {};
    case kEnv:
      if (argument.empty() || argument.front() == '=') {
        return invalid("env", argument, "NAME or NAME=VALUE");
      }
      options.environment.push_back(argument);
      return {};
    case kNetwork:
      options.share_network = true;
      return {};
    case kReport:
      options.report = argument;
      return {};
    case kHelp:
      options.action = Options::Action::kHelp;
      return {};
    case kVersion:
      options.action = Options::Action::kVersion;
      return {};
    default:
      return takeLimit(options, code, name, argument);
  }
}

}  // namespace

Result<Options> parseOptions(int argc, char** argv) {
  Options options;
  opterr = 0;
  for (;;) {
    int index = -1;
    // '+': what stands behind the first word of the command is the command's.
    const int code = ::getopt_long(argc, argv, "+:t:f:e:h", kLongOptions.data(), &index);
    if (code == -1) {
      break;
    }
    if (code == '?' || code == ':') {
      const std::string word = argv[optind - 1];
      return Error(ErrorKind::kInvalid,
                   "option " + word.substr(0, 64) +
                       (code == ':' ? ": it needs a value" : ": there is none"));
    }
    std::string name(1, static_cast<char>(code));
    for (const option& known : kLongOptions) {
      name = known.name != nullptr && known.val == code ? known.name : name;
    }
    if (Result<void> taken = take(options, code, name); !taken) {
      return taken.error();
    }
  }
  options.command.assign(argv + optind, argv + argc);
  if (options.action == Options::Action::kRun && options.command.empty()) {
    return Error(ErrorKind::kInvalid, "no command is given");
  }
  return options;
}

const char* helpText() {
  return R"(Usage: tango-student [OPTION]... [--] COMMAND [ARGUMENT]...

Runs a student's COMMAND from inside a Tango job, as a user of its own, apart from the job's files,
processes and network. It sees the system's programs, and of the job's files only copies of those
that are named: COMMAND itself, arguments that are names of files, and what --file names, all at the
paths that they have here (in Docker and over ssh: beneath a folder of its own, so name them by
relative paths). Standard input, output and error are passed on. When COMMAND ends, all that it
started is ended too.

Limits (default):
  -t, --timeout SECONDS   time (as long as the job has)
      --cpu-time SECONDS  processor time of all its processes (what the job has)
      --memory BYTES      of all its processes (half of the job's); K, M, G are units
      --processes N       alive at once (half of the job's)
      --disk BYTES        what it writes (an eighth of the job's, which is also the most)
      --file-size BYTES   of one file (the job's)
      --open-files N      of one process (the job's)
      --output BYTES      stdout and stderr together (16M)
Others:
  -f, --file PATH         give it a copy of this file, or of this folder with all that is in it
      --fetch PATH        bring back this file of its, whatever is there now, if it made one
  -e, --env NAME[=VALUE]  give it this variable; without, it gets PATH, LANG, LC_*, TZ and HOME
      --network           the job's loopback interface, to talk with a program of the grader's
      --report FILE       write how it ended and what it used to FILE, as JSON
  -h, --help; --version

Exit status: COMMAND's own; 128 + N if signal N ended it; 124 if its time was over; 125 if it could
not be run as promised; 126 if COMMAND cannot be executed; 127 if there is none.
)";
}

}  // namespace tango::student
