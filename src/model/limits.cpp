#include "model/limits.hpp"

namespace tango::model {

std::string_view nameOf(Limit limit) {
  switch (limit) {
    case Limit::kWallTime:
      return "wall time";
    case Limit::kCpuTime:
      return "CPU time";
    case Limit::kMemory:
      return "memory";
    case Limit::kProcesses:
      return "processes";
    case Limit::kDisk:
      return "disk";
    case Limit::kOutput:
      return "output";
  }
  return "unknown";
}

}  // namespace tango::model
