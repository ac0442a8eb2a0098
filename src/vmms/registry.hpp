// The VMMSs that are configured, by name: several may be at once.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "vmms/vmms.hpp"

namespace tango::vmms {

/// For backends that know their images.
class Images {
 public:
  Images() = default;
  Images(const Images&) = delete;
  Images& operator=(const Images&) = delete;
  virtual ~Images() = default;

  virtual awaitable<Result<std::vector<std::string>>> getImages() = 0;
  /// kNotFound, with what to do about it: no job can run in `image`.
  virtual awaitable<Result<void>> findImage(std::string image) = 0;
  /// Makes the image `name` of what `docker save` wrote (a tarball of one image) at `path`, in the
  /// place of an older one. kInvalid: the tarball is refused.
  virtual awaitable<Result<void>> buildImage(std::string name, std::string path) = 0;
};

/// How much a VMMS can run at once; 0: unbounded.
struct Capacity {
  std::uint64_t cpu_millis = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t vms = 0;
};

/// One VMMS with all that it can do; everything is borrowed.
struct Backend {
  Vmms* vmms = nullptr;
  LiveOutput* live_output = nullptr;  ///< null: it has none
  Images* images = nullptr;           ///< null: it does not know its images
  Capacity capacity;
};

struct Registry {
  std::map<std::string, Backend> backends;
  std::string default_vmms;
  /// VMMS by image, for images that jobs name without a VMMS.
  std::map<std::string, std::string> vmms_of_image;

  /// Null: there is none of that name.
  [[nodiscard]] const Backend* find(const std::string& name) const {
    const auto found = backends.find(name);
    return found == backends.end() ? nullptr : &found->second;
  }
  /// The VMMS of a job: the one it names, its image's, or the default.
  [[nodiscard]] const std::string& vmmsFor(const std::string& named,
                                           const std::string& image) const {
    if (!named.empty()) {
      return named;
    }
    const auto found = vmms_of_image.find(image);
    return found == vmms_of_image.end() ? default_vmms : found->second;
  }
};

}  // namespace tango::vmms
