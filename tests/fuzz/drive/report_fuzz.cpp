// A report out of a machine that ran a job. What is taken of it can be told again, and is then read
// as the same.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "drive/report.hpp"
#include "drive/report_reader.hpp"
#include "model/outcome.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace drive = tango::drive;
  const auto outcome = drive::parseReport({reinterpret_cast<const char*>(data), size});
  if (!outcome) {
    TANGO_ASSERT(outcome.error().message().starts_with("autodriver's report"), "no word of what");
    return 0;
  }
  static_cast<void>(tango::model::autodriverLine(*outcome, {}));
  const std::string told = drive::reportJson(*outcome, true);
  const auto again = drive::parseReport(told);
  TANGO_ASSERT(again.ok() && drive::reportJson(*again, true) == told, "read as another");
  return 0;
}
