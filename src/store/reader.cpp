#include "store/reader.hpp"

#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

namespace tango::store {

Reader::Reader(boost::asio::any_io_executor executor, Session session)
    : executor_(std::move(executor)), session_(std::move(session)) {
  thread_ = std::thread([this] { loop(); });
}

Reader::~Reader() {
  queue_.close();
  thread_.join();
}

void Reader::loop() {
  for (;;) {
    Batch batch = queue_.take(std::nullopt);
    if (batch.empty()) {
      return;
    }
    read(batch);
    boost::asio::post(executor_, Delivery(std::move(batch)));
  }
}

void Reader::read(const Batch& batch) {
  // One look at the store for all: it begins with the first query, after all of them were made.
  session_.db.run("BEGIN");
  for (const std::unique_ptr<Request>& request : batch) {
    request->run(session_);
    if (const std::optional<base::Error> error = session_.db.takeError()) {
      request->fail(*error);
    }
  }
  session_.db.run("COMMIT");
  static_cast<void>(session_.db.takeError());
}

}  // namespace tango::store
