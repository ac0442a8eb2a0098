// The service's side of what drive/messages.hpp says: one autodriver that stands by, and one job.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "async/byte_stream.hpp"
#include "async/event.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "drive/messages.hpp"
#include "model/limits.hpp"
#include "model/outcome.hpp"
#include "vmms/driven/driven_files.hpp"

namespace tango::vmms::driven {

using base::Result;
using boost::asio::awaitable;

/// How long files or output may be on their way.
inline constexpr base::Millis kCopyMax{300'000};
/// What autodriver needs around the job's own time.
inline constexpr base::Millis kRunGrace{60'000};
/// What it prints beside the job's output at most: its line, and the words in the place of what was
/// left out.
inline constexpr std::uint64_t kTextAround = 4096;

/// The calls but `beat` come one at a time, in the order of a VM's life. Each ends by its deadline
/// with kTimeout, and soon after `close` with kCancelled; the session is of no use after an error.
/// An error that autodriver tells has its kind and its words.
class DriveSession {
 public:
  using Listener = std::function<void(std::uint64_t offset, std::string_view bytes)>;

  DriveSession(const boost::asio::any_io_executor& executor,
               std::unique_ptr<async::ByteStream> stream);

  /// Until autodriver stands by. kUnsupported: it speaks another protocol.
  awaitable<Result<void>> ready(base::Deadline deadline);
  /// Puts the files, read from their beginning, into the job's folder.
  awaitable<Result<void>> sendFiles(std::vector<DrivenFile> files, base::Deadline deadline);
  /// Runs make. `live` gets pieces of the output while it runs: see drive::kLiveHead.
  awaitable<Result<model::RunOutcome>> run(model::RunLimits limits, Listener live,
                                           base::Deadline deadline);
  /// Writes what autodriver prints to `fd`: at most `bytes_max` bytes, more is kSystem.
  awaitable<Result<void>> output(int fd, std::uint64_t bytes_max, base::Deadline deadline);
  /// Tells autodriver that its service lives, unless a call is telling it already.
  awaitable<Result<void>> beat();
  void close();

 private:
  class Writing;
  struct Reply {
    drive::Tell tell = drive::Tell::kDone;
    std::string payload;
  };

  awaitable<Result<void>> send(std::string bytes);
  awaitable<Result<void>> ask(drive::Request request);
  awaitable<Result<void>> readExactly(char* room, std::size_t size);
  awaitable<Result<Reply>> reply();
  awaitable<Result<void>> awaitReady();
  awaitable<Result<void>> done();
  awaitable<bool> streamFile(const DrivenFile& file);
  awaitable<void> stream(std::vector<DrivenFile> files);
  awaitable<Result<void>> answeredWhenStreamed();
  awaitable<Result<void>> transfer(std::vector<DrivenFile> files);
  awaitable<Result<void>> copyText(int fd, std::uint64_t bytes_max);
  awaitable<Result<model::RunOutcome>> runToEnd(model::RunLimits limits, Listener live);

  std::unique_ptr<async::ByteStream> stream_;
  async::Signal written_;
  async::Event streamed_;
  bool writing_ = false;
  bool streaming_ = false;  ///< files: no request may come between
  std::array<char, 16 * 1024> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tango::vmms::driven
