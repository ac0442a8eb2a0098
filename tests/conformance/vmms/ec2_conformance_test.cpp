// Instances of EC2 under the suite: each case finds the region as new.
#include "conformance/vmms/ec2_under_test.hpp"

namespace tango::test {

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  return std::make_unique<Ec2UnderTest>();
}

}  // namespace tango::test
