// SimVmms under the part of the suite that needs no real jobs: the suite proves the fake, and a
// second backend proves the suite.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "conformance/vmms/vmms_under_test.hpp"
#include "support/sim_vmms.hpp"

namespace tango::test {
namespace {

constexpr base::Millis kBootTime{20};
constexpr base::Millis kCopyTime{20};

/// How long a job with these files sleeps: what its script's first `sleep` says.
base::Millis sleepOf(const model::InputFiles& files) {
  const auto script = std::find_if(files.begin(), files.end(), [](const model::InputFile& file) {
    return file.dest_file == "script";
  });
  if (script == files.end()) {
    return base::Millis(0);
  }
  std::ostringstream content;
  content << std::ifstream(script->local_file).rdbuf();
  const std::string commands = content.str();
  const std::size_t at = commands.find("sleep ");
  const double seconds = at == std::string::npos ? 0 : std::stod(commands.substr(at + 6));
  return base::Millis(static_cast<int>(seconds * 1000));
}

bool namesInvalid(const model::InputFiles& files) {
  return std::any_of(files.begin(), files.end(), [](const model::InputFile& file) {
    return file.dest_file.find('/') != std::string::npos;
  });
}

class SimUnderTest final : public VmmsUnderTest {
 public:
  [[nodiscard]] std::string name() const override { return "SimVmms"; }

  [[nodiscard]] std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) override {
    auto sim = std::make_unique<SimVmms>(std::move(executor), nullptr, machines_);
    sim->script().answerBy([unknown = unknownImage()](const SimCall& call) {
      SimAnswer answer;
      switch (call.method) {
        case SimMethod::kInitializeVM:
          if (call.spec.image == unknown) {
            answer.error = base::Error(base::ErrorKind::kNotFound, "there is no such image");
          }
          break;
        case SimMethod::kWaitVM:
          answer.delay = kBootTime;
          break;
        case SimMethod::kCopyIn:
          answer.delay = kCopyTime;
          if (namesInvalid(call.files)) {
            answer.error = base::Error(base::ErrorKind::kInvalid, "a bad name");
          }
          break;
        case SimMethod::kRunJob:
          answer.delay = sleepOf(call.files);
          break;
        default:
          break;
      }
      return answer;
    });
    return sim;
  }
  [[nodiscard]] bool survivesRestart() const override { return true; }

  [[nodiscard]] model::MachineSpec spec() const override {
    model::MachineSpec spec;
    spec.image = "sim";
    return spec;
  }
  [[nodiscard]] int rounds() const override { return 30; }

 private:
  std::shared_ptr<SimMachines> machines_ = std::make_shared<SimMachines>();
};

}  // namespace

std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest() {
  return std::make_unique<SimUnderTest>();
}

}  // namespace tango::test
