#include "config/sections/sections.hpp"

namespace tango::config {

void addSandbox(Schema& schema, ServiceConfig& config) {
  Sandbox& sandbox = config.sandbox;
  schema.sections.push_back(
      {"vmms.sandbox",
       {flag("enabled", sandbox.enabled), cores("cpus", sandbox.cpu_millis, ZeroCores::kAllowed),
        size("memory", sandbox.memory_bytes, 0), whole("vms_max", sandbox.vms_max, 0, 1'000'000),
        flag("allow_unenforced", sandbox.allow_unenforced)}});
  schema.backends.push_back({"sandbox", &sandbox.enabled});
}

}  // namespace tango::config
