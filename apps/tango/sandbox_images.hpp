// Where the sandbox VMMS finds its images: the built-in `host`, and those in the data folder.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "base/result.hpp"
#include "images/image_store.hpp"
#include "vmms/registry.hpp"
#include "vmms/sandbox/sandbox_vmms.hpp"

namespace tango::app {

/// `data_folder` "": the default one. What it finds is held, and so the files stay where they are,
/// for as long as the SandboxImage's hold lives.
std::function<base::Result<vmms::SandboxImage>(const std::string& name)> sandboxImages(
    std::string data_folder);

/// The same images as the service's clients see them.
class SandboxImages final : public vmms::Images {
 public:
  /// `blocking` is borrowed: the work on files is done there.
  SandboxImages(std::string data_folder, boost::asio::thread_pool& blocking);

  vmms::awaitable<base::Result<std::vector<std::string>>> getImages() override;
  vmms::awaitable<base::Result<void>> findImage(std::string image) override;
  vmms::awaitable<base::Result<void>> buildImage(std::string name, std::string path) override;

 private:
  const images::ImageStore store_;
  boost::asio::thread_pool& blocking_;
};

}  // namespace tango::app
