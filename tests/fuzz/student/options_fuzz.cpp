// The command line of tango-student, of which a part may come from a student's files. Whatever it
// is, it is refused in words, or within bounds, and what stands behind the command is the
// command's.
#include <cstdint>
#include <string_view>

#include <getopt.h>

#include "base/assert.hpp"
#include "fuzz/support/words.hpp"
#include "student/options.hpp"

namespace {

using tango::student::Options;

void check(const Options& options) {
  const auto& limits = options.limits;
  for (const std::uint64_t number :
       {limits.wall_ms, limits.cpu_ms, limits.memory_bytes, limits.disk_bytes, limits.processes,
        limits.file_size_bytes, limits.open_files, options.output_bytes}) {
    TANGO_ASSERT(static_cast<std::int64_t>(number) >= 0, "a limit that the kernel cannot count to");
  }
  TANGO_ASSERT(options.output_bytes > 0, "no output at all");
  for (const std::string& variable : options.environment) {
    TANGO_ASSERT(!variable.empty() && variable.front() != '=', "a variable without a name");
  }
  TANGO_ASSERT(options.action != Options::Action::kRun || !options.command.empty(), "no command");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tango::fuzz::Words words({reinterpret_cast<const char*>(data), size});
  ::optind = 0;  // glibc: begin anew; the program itself parses once
  const auto options = tango::student::parseOptions(words.count(), words.arguments());
  if (options) {
    check(*options);
  } else {
    TANGO_ASSERT(!options.error().message().empty(), "refused without a word");
  }
  return 0;
}
