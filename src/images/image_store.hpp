// The images that jobs of the sandbox can run in, as they lie in the data folder:
//
//   DATA/images/NAME/rootfs/       the root file system; NAME is encoded (see image_name.hpp)
//   DATA/images/NAME/image.json    what is known of it
//
// An image is there completely or not at all: it is built elsewhere and renamed into place.
// Several processes may use one data folder at once. Every method blocks: it is for a command, or
// for a thread that may.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "images/image_info.hpp"
#include "images/root_writer.hpp"

namespace tango::images {

struct ImportOptions {
  bool replace = false;  ///< take the place of an image of that name
  ImageLimits limits;
  Progress progress;
};

class ImageStore {
 public:
  /// `data_folder` need not exist; import makes it.
  explicit ImageStore(std::string data_folder) : data_folder_(std::move(data_folder)) {}

  /// All images, by name. One that cannot be read is there too, with a warning that says so.
  [[nodiscard]] Result<std::vector<ImageInfo>> list() const;

  /// kInvalid: no possible name, or its image.json is broken; kNotFound: there is none.
  [[nodiscard]] Result<ImageInfo> find(std::string_view name) const;

  /// Imports the root file system at `source`: a folder, a tarball of one, or what `docker save`
  /// wrote (a tarball, or an OCI layout in a folder or tarball). A FIFO or /dev/stdin will do for a
  /// tarball. Content of any kind is taken for hostile. kExists: the name is taken and not to be
  /// replaced; kInvalid: the content is malformed or refused; kTooLarge: a limit is passed;
  /// kUnsupported: it is for another machine.
  Result<ImageInfo> import(std::string_view name, const std::string& source,
                           const ImportOptions& options = {}) const;

  /// kNotFound: there is none. Files in use (see hold) stay until a later import or removal.
  Result<void> remove(std::string_view name) const;

  /// While the descriptor is open, the files of this image stay where they are, even if the image
  /// is removed or replaced. Whoever mounts the root file system holds it for as long.
  [[nodiscard]] Result<UniqueFd> hold(std::string_view name) const;

 private:
  /// Opens DATA/images; kNotFound where nothing was ever imported.
  [[nodiscard]] Result<UniqueFd> openImages() const;
  [[nodiscard]] Result<ImageInfo> read(int images_fd, const std::string& folder) const;

  std::string data_folder_;
};

}  // namespace tango::images
