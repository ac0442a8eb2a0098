// The head of an output file: what the service has written above the job's own output.
#pragma once

#include <cstddef>
#include <string_view>

namespace tango::api::v1 {

/// More than a head has.
inline constexpr std::size_t kHeadBytesMax = 16 * 1024;

/// How many bytes of a file that begins with `beginning` are its head (scheduler/job_text.hpp has
/// its words): the lines of "Autograder [...", the line "---", and autodriver's line.
[[nodiscard]] std::size_t outputHeadBytes(std::string_view beginning);

}  // namespace tango::api::v1
