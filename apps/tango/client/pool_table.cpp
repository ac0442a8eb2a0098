#include "tango/client/pool_table.hpp"

#include <cstdio>
#include <string>

#include <boost/json/value.hpp>

#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/table.hpp"

namespace tango::client {

using boost::json::object;

void printPools(const boost::json::array& pools) {
  if (pools.empty()) {
    std::puts("There are no pools of VMs.");
    return;
  }
  Table table({{"POOL"},
               {"VMMS"},
               {"CORES", Align::kRight},
               {"MEMORY", Align::kRight},
               {"KEPT", Align::kRight},
               {"VMS", Align::kRight},
               {"FREE", Align::kRight}});
  for (const boost::json::value& each : pools) {
    const object& pool = objectIn(each);
    const object& machine = objectOf(pool, "machine");
    const double cpus = numberOf(machine, "cpus").value_or(0);
    const auto memory = numberOf(machine, "memory_bytes");
    const auto kept = wholeOf(pool, "preallocated");
    table.add({textOf(pool, "image"), textOf(pool, "vmms"), cpus > 0 ? numberText(cpus) : "all",
               memory ? sizeText(*memory) : "-", kept ? std::to_string(*kept) : "-",
               std::to_string(arrayOf(pool, "total").size()),
               std::to_string(arrayOf(pool, "free").size())});
  }
  table.print(stdout);
}

}  // namespace tango::client
