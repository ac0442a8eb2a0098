// The thread that reads, beside the one that writes: it sees all that was committed before.
#pragma once

#include <memory>
#include <thread>

#include <boost/asio/any_io_executor.hpp>

#include "store/request_queue.hpp"

namespace tango::store {

class Reader {
 public:
  /// Answers come on `executor`, whose context must outlive the object.
  Reader(boost::asio::any_io_executor executor, Session session);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  /// Does what has been submitted.
  ~Reader();

  void submit(std::unique_ptr<Request> request) { queue_.push(std::move(request)); }

 private:
  void loop();
  void read(const Batch& batch);

  boost::asio::any_io_executor executor_;
  Session session_;
  RequestQueue queue_;
  std::thread thread_;
};

}  // namespace tango::store
