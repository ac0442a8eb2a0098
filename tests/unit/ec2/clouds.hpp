// What the tests of Ec2Cloud against the endpoint have in common.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json/serialize.hpp>

#include "support/run_on.hpp"
#include "support/temp_folder.hpp"
#include "unit/ec2/region.hpp"
#include "vmms/ec2/ec2_cloud.hpp"

namespace tango::test {

/// The one of this program.
Region& region();

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline model::MachineSpec gibibyte() {
  model::MachineSpec spec;
  spec.image = "course";
  return spec;
}

/// A region as it is at first, and a cloud there that has made nothing yet. At its end no request
/// has been other than EC2 demands.
class Fresh {
 public:
  Fresh() : config(plain()) { region().reset(); }
  Fresh(const Fresh&) = delete;
  Fresh& operator=(const Fresh&) = delete;
  ~Fresh() {
    cloud_.reset();
    CHECK(region().violations() == "[]");
  }

  boost::asio::io_context context;
  boost::asio::thread_pool blocking{1};
  TempFolder folder;
  vmms::ec2::Ec2Config config;  ///< counts until the cloud is first used

  vmms::ec2::Ec2Cloud& cloud() {
    if (!cloud_) {
      cloud_ = vmms::ec2::Ec2Cloud::make(context.get_executor(), blocking, config);
    }
    return *cloud_;
  }
  /// As a service that was started again has it.
  void restart() { cloud_.reset(); }

  base::Result<std::string> create(std::int64_t id, const model::MachineSpec& spec = gibibyte(),
                                   std::shared_ptr<async::Event> give_up = nullptr) {
    return runOn(context, cloud().create({"tango", id, spec.image}, spec, std::move(give_up)));
  }
  std::vector<vmms::remote::Instance> list() {
    const auto listed = runOn(context, cloud().list());
    REQUIRE_MESSAGE(listed.ok(), (listed ? "" : listed.error().message()));
    return *listed;
  }
  /// Lists until `holds` of the instance with that id, for some seconds at most.
  template <class Holds>
  bool comesTrue(const std::string& id, Holds holds) {
    for (const auto end = base::after(base::Millis(20'000)); base::SteadyClock::now() < end;) {
      for (const vmms::remote::Instance& each : list()) {
        if (each.id == id && holds(each)) {
          return true;
        }
      }
    }
    return false;
  }

 private:
  vmms::ec2::Ec2Config plain();
  std::unique_ptr<vmms::ec2::Ec2Cloud> cloud_;
};

}  // namespace tango::test
