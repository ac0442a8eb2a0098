#include "tango/serve/image_watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <sys/inotify.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "images/data_folder.hpp"
#include "images/image_name.hpp"

namespace tango::app {
namespace {

using base::Result;
using base::systemError;
using base::UniqueFd;

// An import renames the complete image into place, and a removal renames it away.
constexpr std::uint32_t kMoves = IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;

}  // namespace

Result<ImageWatch> ImageWatch::start(const boost::asio::any_io_executor& executor,
                                     int data_folder_fd,
                                     std::function<void(const std::string&)> changed) {
  const Result<UniqueFd> folder = images::openOrMakeFolder(data_folder_fd, "images");
  if (!folder) {
    return folder.error();
  }
  UniqueFd events(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!events) {
    return systemError(errno, "watch the images");
  }
  const std::string path = "/proc/self/fd/" + std::to_string(folder->get());
  if (::inotify_add_watch(events.get(), path.c_str(), kMoves) < 0) {
    return systemError(errno, "watch the images");
  }
  return ImageWatch(executor, std::move(events), std::move(changed));
}

ImageWatch::ImageWatch(const boost::asio::any_io_executor& executor, UniqueFd events,
                       std::function<void(const std::string&)> changed)
    : events_(executor, events.release()), changed_(std::move(changed)) {}

boost::asio::awaitable<void> ImageWatch::run() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
  for (;;) {
    const auto [failure, got] = co_await events_.async_read_some(
        boost::asio::buffer(buffer), boost::asio::as_tuple(boost::asio::use_awaitable));
    if (failure) {
      if (failure != boost::asio::error::operation_aborted) {
        base::logError("images: the watch broke: " + failure.message());
      }
      co_return;
    }
    for (std::size_t at = 0; at + sizeof(inotify_event) <= got;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      // The name is padded with NULs to event.len.
      const std::string folder =
          event.len > 0 ? std::string(buffer.data() + at + sizeof(event)) : std::string();
      at += sizeof(event) + event.len;
      if (const std::optional<std::string> image = images::decodeImageName(folder)) {
        changed_(*image);
      }
    }
  }
}

void ImageWatch::stop() {
  events_.cancel();
}

}  // namespace tango::app
