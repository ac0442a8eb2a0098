// Machines that are reached over ssh under the suite; each case has a yard of its own.
#include "conformance/vmms/remote_under_test.hpp"

namespace tango::test {

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  return std::make_unique<RemoteUnderTest>();
}

}  // namespace tango::test
