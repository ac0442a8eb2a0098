// localDocker under the suite: one engine for the whole program, reached by its socket.
#include "conformance/vmms/docker_under_test.hpp"

namespace tango::test {

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  static DockerDaemons daemons(DockerDaemons::Way::kUnix, 1, {"stock"});
  return std::make_unique<DockerUnderTest>("localDocker", daemons);
}

}  // namespace tango::test
