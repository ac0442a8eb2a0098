#include "config/sections/sections.hpp"

namespace tango::config {

Schema schemaOf(ServiceConfig& config) {
  Schema schema;
  for (const auto add : {addTop, addServer, addLimits, addLimitCaps, addJobs, addPools, addPrealloc,
                         addImages, addHistory, addCallbacks, addSandbox, addLocalDocker,
                         addDistDocker, addEc2Ssh, addTashiSsh}) {
    add(schema, config);
  }
  return schema;
}

}  // namespace tango::config
