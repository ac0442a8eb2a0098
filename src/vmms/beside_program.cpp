#include "vmms/beside_program.hpp"

#include <system_error>

namespace tango::vmms {

std::filesystem::path besideProgram(const char* name) {
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  return program.parent_path() / name;
}

}  // namespace tango::vmms
