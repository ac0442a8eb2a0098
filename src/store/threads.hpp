// The two threads of the store, as the service's thread uses them: work in, an awaitable answer
// out.
#pragma once

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "store/reader.hpp"
#include "store/writer.hpp"

namespace tango::store {

class Threads {
 public:
  Threads(const boost::asio::any_io_executor& executor, Session writing, Session reading)
      : executor_(executor),
        writer_(executor, std::move(writing)),
        reader_(executor, std::move(reading)) {}

  /// `work` is called with a Session&, in a transaction; if it gives an error, it has written
  /// nothing before. It is under way when this returns, so calls keep their order; what comes back
  /// only waits for it. It may be held for so long, to share a commit with others.
  template <class Work>
  auto write(Work work, std::chrono::milliseconds hold = {}) {
    return ask(writer_, std::move(work), hold);
  }
  /// The same, for what nobody waits for.
  template <class Work>
  void writeSilently(Work work) {
    writer_.submit(std::make_unique<SilentRequest<Work>>(std::move(work)));
  }
  template <class Work>
  auto read(Work work) {
    return ask(reader_, std::move(work), {});
  }

 private:
  /// T of a Result<T>; what is no Result becomes one.
  template <class T>
  struct Answer {
    using Type = T;
  };
  template <class T>
  struct Answer<base::Result<T>> {
    using Type = T;
  };

  template <class Thread, class Work>
  auto ask(Thread& thread, Work work, std::chrono::milliseconds hold) {
    using Given = std::invoke_result_t<const Work&, Session&>;
    using T = typename Answer<Given>::Type;
    auto reply = std::make_shared<Reply<T>>(executor_);
    auto answer = [work = std::move(work)](Session& session) -> base::Result<T> {
      if constexpr (std::is_void_v<Given>) {
        work(session);
        return {};
      } else {
        return work(session);
      }
    };
    using Asked = AnsweredRequest<T, decltype(answer)>;
    thread.submit(std::make_unique<Asked>(std::move(answer), reply, hold));
    return Reply<T>::wait(std::move(reply));
  }

  boost::asio::any_io_executor executor_;
  Writer writer_;
  Reader reader_;
};

}  // namespace tango::store
