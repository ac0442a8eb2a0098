// The command line of autodriver, which is setuid root where an ordinary user calls it. Whatever it
// is, it is refused in words, or within bounds; and it is read the same when it is read again.
#include <cstdint>
#include <string>
#include <string_view>

#include "autodriver/options.hpp"
#include "base/assert.hpp"
#include "base/safe_path.hpp"
#include "fuzz/support/words.hpp"

namespace {

using tango::autodriver::Options;
using tango::autodriver::Result;

constexpr std::uint64_t kMillisMax = 1'000'000'000'000;

void checkBounds(const Options& options) {
  for (const std::uint64_t millis :
       {options.wall_time_ms, options.cpu_time_ms, options.lease_ms, options.cpu_millis}) {
    TANGO_ASSERT(millis <= kMillisMax, "a time that cannot be counted with");
  }
  for (const std::uint64_t number :
       {options.processes, options.file_size_bytes, options.output_bytes, options.memory_bytes,
        options.disk_bytes, options.disk_inodes, options.io_bytes_per_second, options.open_files}) {
    TANGO_ASSERT(static_cast<std::int64_t>(number) >= 0, "a limit that the kernel cannot count to");
  }
  TANGO_ASSERT(options.user_id < 0xffff'ffff, "a user's number that stands for none");
  TANGO_ASSERT(options.report_fd.value_or(1) > 0, "a report to the standard input");
  const auto limits = tango::autodriver::runLimits(options);
  TANGO_ASSERT(limits.wall_time.count() >= 0 && limits.cpu_time.count() >= 0, "a negative time");
}

void checkAction(const Options& options) {
  const bool stands_by = options.action == Options::Action::kStandBy;
  const bool attaches = options.action == Options::Action::kAttach;
  TANGO_ASSERT((stands_by || attaches) == (options.lease_ms != 0), "a lease is what these need");
  TANGO_ASSERT(attaches || (!options.network && options.cpu_millis == 0),
               "a container's limit without a container");
  if (stands_by || attaches) {
    TANGO_ASSERT(options.directory.empty() && !options.report_fd && options.wall_time_ms == 0,
                 "what belongs to a run");
    return;
  }
  TANGO_ASSERT(tango::base::checkComponent(options.directory, "").ok() && options.user_id == 0,
               "a run without a plain folder");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tango::fuzz::Words words({reinterpret_cast<const char*>(data), size});
  const Result<Options> options = tango::autodriver::parseOptions(words.count(), words.arguments());
  const Result<Options> again = tango::autodriver::parseOptions(words.count(), words.arguments());
  TANGO_ASSERT(options.ok() == again.ok(), "the second reading is another");
  if (!options) {
    TANGO_ASSERT(!options.error().message().empty(), "refused without a word");
    TANGO_ASSERT(options.error().message() == again.error().message(), "refused for another cause");
    return 0;
  }
  const bool asks =
      options->action == Options::Action::kHelp || options->action == Options::Action::kVersion;
  checkBounds(*options);
  if (!asks) {
    checkAction(*options);
  }
  return 0;
}
