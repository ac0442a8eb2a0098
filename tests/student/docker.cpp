// tango-student in containers of localDocker: one engine for the whole program.
#include "conformance/vmms/docker_under_test.hpp"

namespace tango::test {
namespace {

class GraderUnderTest final : public DockerUnderTest {
 public:
  using DockerUnderTest::DockerUnderTest;

  [[nodiscard]] model::MachineSpec spec() const override {
    model::MachineSpec spec;
    spec.image = "tango-test-grader";
    return spec;
  }
};

}  // namespace

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  static DockerDaemons daemons(DockerDaemons::Way::kUnix, 1, {"grader"});
  return std::make_unique<GraderUnderTest>("localDocker", daemons);
}

}  // namespace tango::test
