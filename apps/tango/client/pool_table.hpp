// The pools of VMs as a table.
#pragma once

#include <boost/json/array.hpp>

namespace tango::client {

/// `pools` as /v1/pools lists them, on stdout.
void printPools(const boost::json::array& pools);

}  // namespace tango::client
