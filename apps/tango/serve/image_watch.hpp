// Tells when an image of the data folder was made anew or removed, whoever did it: `tango image` is
// a process of its own.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace tango::app {

class ImageWatch {
 public:
  /// Watches the folder of images in `data_folder`, making it where it is missing (inotify(7)).
  /// `changed` is told the image's name.
  static base::Result<ImageWatch> start(const boost::asio::any_io_executor& executor,
                                        int data_folder_fd,
                                        std::function<void(const std::string& image)> changed);

  /// Until `stop`, or until the watch breaks, which is logged.
  boost::asio::awaitable<void> run();
  void stop();

 private:
  ImageWatch(const boost::asio::any_io_executor& executor, base::UniqueFd events,
             std::function<void(const std::string&)> changed);

  boost::asio::posix::stream_descriptor events_;
  std::function<void(const std::string&)> changed_;
};

}  // namespace tango::app
