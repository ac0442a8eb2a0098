// The tables of the configuration file, one function each; schemaOf calls them in the order in
// which the file is documented. Each binds what it adds to `config`.
#pragma once

#include "config/schema.hpp"

namespace tango::config {

void addTop(Schema& schema, ServiceConfig& config);
void addServer(Schema& schema, ServiceConfig& config);
void addLimits(Schema& schema, ServiceConfig& config);
void addLimitCaps(Schema& schema, ServiceConfig& config);
void addJobs(Schema& schema, ServiceConfig& config);
void addPools(Schema& schema, ServiceConfig& config);
void addPrealloc(Schema& schema, ServiceConfig& config);
void addImages(Schema& schema, ServiceConfig& config);
void addHistory(Schema& schema, ServiceConfig& config);
void addCallbacks(Schema& schema, ServiceConfig& config);

// One a backend: `[vmms.NAME]`, and a BackendEntry.
void addSandbox(Schema& schema, ServiceConfig& config);
void addLocalDocker(Schema& schema, ServiceConfig& config);
void addDistDocker(Schema& schema, ServiceConfig& config);
void addEc2Ssh(Schema& schema, ServiceConfig& config);
void addTashiSsh(Schema& schema, ServiceConfig& config);

}  // namespace tango::config
