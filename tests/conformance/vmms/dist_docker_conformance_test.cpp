// distDocker under the suite: two engines, reached by ssh.
#include "conformance/vmms/docker_under_test.hpp"

namespace tango::test {

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  static DockerDaemons daemons(DockerDaemons::Way::kSsh, 2, {"stock"});
  return std::make_unique<DockerUnderTest>("distDocker", daemons);
}

}  // namespace tango::test
