// How a backend is presented to the conformance suite. A backend's test program defines
// makeVmmsUnderTest and links the subjects that it is to pass: see CMakeLists.txt.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "model/limits.hpp"
#include "vmms/vmms.hpp"

namespace tango::test {

/// How long things may take at most; a good backend needs far less.
struct Patience {
  base::Millis ready{30'000};    ///< from initializeVM until waitVM is ok
  base::Millis call{30'000};     ///< any other call, the job's own time not counted
  base::Millis stopped{10'000};  ///< a call under way whose VM was destroyed
  base::Millis started{200};     ///< from runJob until its program surely runs
};

class VmmsUnderTest {
 public:
  VmmsUnderTest() = default;
  VmmsUnderTest(const VmmsUnderTest&) = delete;
  VmmsUnderTest& operator=(const VmmsUnderTest&) = delete;
  virtual ~VmmsUnderTest() = default;

  /// As people call it; every failure is reported under this name.
  [[nodiscard]] virtual std::string name() const = 0;
  /// Why it cannot be tested on this host (no daemon, no credentials); nothing if it can.
  [[nodiscard]] virtual std::optional<std::string> unavailable() const { return std::nullopt; }

  /// A Vmms on the one thread of `executor`. Called a second time, after the first Vmms is gone, it
  /// gives what a restarted service would have: the same backend, and nothing remembered.
  [[nodiscard]] virtual std::unique_ptr<vmms::Vmms> make(boost::asio::any_io_executor executor) = 0;
  /// Whether VMs outlive the Vmms that made them.
  [[nodiscard]] virtual bool survivesRestart() const = 0;

  /// A VM that works: its image has sh, make and coreutils. The suite changes memory and disk.
  [[nodiscard]] virtual model::MachineSpec spec() const = 0;
  /// The name of an image that does not exist.
  [[nodiscard]] virtual std::string unknownImage() const { return "tango-no-such-image"; }
  /// The prefix of the names of this service's VMs.
  [[nodiscard]] virtual std::string prefix() const { return "conformance"; }

  [[nodiscard]] virtual Patience patience() const { return {}; }
  /// How often a case that looks for a race tries it: more than once where VMs are cheap.
  [[nodiscard]] virtual int rounds() const { return 1; }
  /// Of this host, not of the backend's code: false where nothing can enforce a limit.
  [[nodiscard]] virtual bool enforces(model::Limit /*limit*/) const { return true; }

  /// Its live output; only asked for by the subject of that name.
  [[nodiscard]] virtual vmms::LiveOutput* liveOutput(vmms::Vmms& vmms) const {
    return dynamic_cast<vmms::LiveOutput*>(&vmms);
  }
};

/// Defined by each backend's test program.
std::unique_ptr<VmmsUnderTest> makeVmmsUnderTest();

}  // namespace tango::test
