#include "support/machine_cloud.hpp"

namespace tango::test {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using vmms::remote::Instance;

awaitable<Result<std::string>> MachineCloud::create(model::VmName name, model::MachineSpec spec,
                                                    std::shared_ptr<async::Event> give_up) {
  if (spec.image == kNoSuchImage) {
    co_return Error(ErrorKind::kNotFound, "there is no image " + spec.image);
  }
  if (give_up->isSet()) {
    co_return Error(ErrorKind::kCancelled, "nobody wants it any more");
  }
  for (const Instance& each : yard_.instances()) {
    if (each.name == name && each.state != Instance::State::kGone) {
      co_return each.id;
    }
  }
  co_return yard_.make(name);
}

awaitable<Result<void>> MachineCloud::destroy(std::string id) {
  if (yard_.has(id)) {
    yard_.end(id);
  }
  co_return Result<void>();
}

awaitable<Result<std::vector<Instance>>> MachineCloud::list() {
  co_return yard_.instances();
}

vmms::ssh::SshTarget MachineCloud::target(const Instance& instance) const {
  return yard_.target(instance.id, instance.address);
}

awaitable<Result<std::vector<std::string>>> MachineCloud::hostKeys(std::string id) {
  co_return yard_.consoleKeys(id);
}

awaitable<Result<void>> MachineCloud::renew(std::vector<std::string> ids) {
  for (const std::string& id : ids) {
    if (!yard_.has(id)) {
      co_return Error(ErrorKind::kInvalid, "there is no machine " + id);
    }
  }
  co_return Result<void>();
}

}  // namespace tango::test
