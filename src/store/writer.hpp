// The thread that writes. It takes all requests that have come meanwhile, does them in one
// transaction, and answers them once that is on the disk: so many at once share one commit, and a
// single one waits for nobody.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <thread>

#include <boost/asio/any_io_executor.hpp>

#include "store/request_queue.hpp"

namespace tango::store {

class Writer {
 public:
  /// Answers come on `executor`, whose context must outlive the object.
  Writer(boost::asio::any_io_executor executor, Session session);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  /// Does what has been submitted.
  ~Writer();

  void submit(std::unique_ptr<Request> request) { queue_.push(std::move(request)); }

 private:
  void loop();
  /// Does a batch and answers it. Gives those that nobody waits for and that failed.
  Batch write(Batch batch);
  /// Whether each request is undone by itself if it fails, or all are. The first costs a third
  /// more, so it is only for a batch that has failed.
  enum class Apart { kNo, kYes };
  /// Does a batch in one transaction; the error that undid all of it, if one did.
  std::optional<base::Error> transact(const Batch& batch, Apart apart);
  void runApart(Request& request);
  void noteTrouble(const std::optional<base::Error>& error);
  void checkpoint();

  boost::asio::any_io_executor executor_;
  Session session_;
  int log_pages_ = 0;     ///< of the write-ahead log, since it was last put into the file
  bool trouble_ = false;  ///< the last batch was undone
  RequestQueue queue_{kSilentHold};
  std::thread thread_;
};

}  // namespace tango::store
