// A VM (any container-like thing) as its VMMS knows it.
#pragma once

#include <cstdint>
#include <string>

namespace tango::model {

/// Who a VM belongs to and which it is. A backend keeps these as labels or tags and finds its VMs
/// by them, never by cutting up the name.
struct VmName {
  std::string prefix;
  std::int64_t id = 0;
  std::string image;

  /// `PREFIX-ID-IMAGE`, as in a job's trace. Every byte of the image that is not a letter, a digit,
  /// '.', '_' or '-' becomes '_', so that it can name a container or a folder.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const VmName&, const VmName&) = default;
};

struct Vm {
  VmName name;

  friend bool operator==(const Vm&, const Vm&) = default;
};

}  // namespace tango::model
