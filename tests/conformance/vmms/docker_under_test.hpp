// Docker under the suite, with one engine or several.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "conformance/vmms/vmms_under_test.hpp"
#include "support/docker_daemon.hpp"

namespace tango::test {

class DockerUnderTest : public VmmsUnderTest {
 public:
  /// `daemons` is borrowed. Each object is a service of its own to them.
  DockerUnderTest(std::string name, const DockerDaemons& daemons);

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::optional<std::string> unavailable() const override {
    return daemons_.unavailable();
  }
  [[nodiscard]] std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) override;
  [[nodiscard]] bool survivesRestart() const override { return true; }
  [[nodiscard]] model::MachineSpec spec() const override;
  [[nodiscard]] Patience patience() const override;

 private:
  std::string name_;
  const DockerDaemons& daemons_;
  std::string owner_;
};

}  // namespace tango::test
