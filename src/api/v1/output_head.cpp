#include "api/v1/output_head.hpp"

namespace tango::api::v1 {
namespace {

/// The length of the line that stands at `at`, its end included; 0: it does not begin with `words`,
/// or has no end.
std::size_t lineAt(std::string_view text, std::size_t at, std::string_view words) {
  const std::string_view rest = text.substr(at);
  const std::size_t end = rest.find('\n');
  return rest.starts_with(words) && end != std::string_view::npos ? end + 1 : 0;
}

}  // namespace

std::size_t outputHeadBytes(std::string_view beginning) {
  std::size_t bytes = 0;
  while (const std::size_t line = lineAt(beginning, bytes, "Autograder [")) {
    bytes += line;
    // Behind this line the head ends: the job may print lines that look like it.
    if (const std::size_t rule = lineAt(beginning, bytes, "---\n")) {
      bytes += rule;
      return bytes + lineAt(beginning, bytes, "Autodriver: ");
    }
  }
  return bytes;
}

}  // namespace tango::api::v1
