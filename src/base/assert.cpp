#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace tango::base {

void assertionFailed(const char* file, int line, const char* what) noexcept {
  std::fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what);
  std::abort();
}

}  // namespace tango::base
