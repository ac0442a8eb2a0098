// What all VMMSs have in common under the suite whose VMs are machines on loopback, reached over
// ssh (tests/machine).
#pragma once

#include <optional>
#include <string>

#include <unistd.h>

#include "conformance/vmms/vmms_under_test.hpp"

namespace tango::test {

class MachinesUnderTest : public VmmsUnderTest {
 public:
  [[nodiscard]] std::optional<std::string> unavailable() const override {
    return ::geteuid() == 0 ? std::nullopt : std::optional("only root can run machines");
  }
  [[nodiscard]] bool survivesRestart() const override { return true; }
  [[nodiscard]] model::MachineSpec spec() const override {
    model::MachineSpec spec;
    spec.image = "stock";
    return spec;
  }
  [[nodiscard]] Patience patience() const override {
    Patience patience;
    patience.ready = base::Millis{60'000};
    patience.call = base::Millis{60'000};
    patience.started = base::Millis{300};
    return patience;
  }
};

}  // namespace tango::test
