// Whether this build is one with AddressSanitizer. A program of such a build cannot start where its
// data is limited, as a student's command is: what it would have said there is not to be seen.
#pragma once

namespace tango::test {

#if defined(__has_feature) && __has_feature(address_sanitizer)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace tango::test
