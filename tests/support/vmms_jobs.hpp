// Runs whole jobs with any backend, for tests that look at what a job can do.
#pragma once

#include <map>
#include <string>

#include <boost/asio/io_context.hpp>

#include "base/result.hpp"
#include "model/limits.hpp"
#include "model/machine_spec.hpp"
#include "model/outcome.hpp"
#include "vmms/vmms.hpp"

namespace tango::test {

struct JobResult {
  base::Result<model::RunOutcome> outcome = base::Error(base::ErrorKind::kSystem, "not run");
  std::string output;  ///< as copyOut writes it: autodriver's line first

  /// The output below autodriver's line.
  [[nodiscard]] std::string body() const;
};

/// One job's whole life, in a VM of its own.
JobResult runJobIn(boost::asio::io_context& context, vmms::Vmms& vmms, vmms::VmName name,
                   model::MachineSpec spec, const std::map<std::string, std::string>& files,
                   model::RunLimits limits);

}  // namespace tango::test
