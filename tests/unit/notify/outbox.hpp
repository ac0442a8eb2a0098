// A notifier with a store behind it and a time of day that a test moves.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "notify/notifier.hpp"
#include "store/job_store.hpp"
#include "support/run_on.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

inline constexpr base::UnixMillis kThen = 1'795'521'600'000;

class Outbox {
 public:
  using StoreOpener =
      std::function<std::unique_ptr<store::JobStore>(boost::asio::io_context& context)>;

  /// On an SQLite store, or on what `open` gives. The notifier does not run yet.
  explicit Outbox(notify::NotifierConfig config, const StoreOpener& open = {});
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  ~Outbox();

  /// An ended job whose callback is due now, or at `due`; its output file is `content`.
  std::int64_t owe(const std::string& url, const std::string& content = "content",
                   const std::string& output_file = "out.txt", base::UnixMillis due = 0);
  /// Instead of the output file of that job there is `error`.
  void spoilOutput(std::int64_t job_id, base::Error error);

  void start();
  /// Stops it and lets it come to its end.
  void stop();
  [[nodiscard]] bool runs() const { return running_; }
  /// The service starts anew, on the same store.
  void restart();
  void wake() { notifier_->wake(); }
  /// Moves the time of day, and wakes the notifier.
  void advance(base::Millis duration);
  void advanceQuietly(base::Millis duration) { now_ += duration.count(); }
  [[nodiscard]] base::UnixMillis now() const { return now_; }

  /// Runs the service's thread until `holds`, which may come from another thread.
  void until(const std::function<bool()>& holds);
  /// What is owed and what was given up, by job.
  std::map<std::int64_t, store::Callback> owed();
  /// Runs until `job_id` has so many failed attempts, and gives its callback.
  store::Callback afterAttempts(std::int64_t job_id, int attempts);
  /// Runs until nothing is owed.
  void untilAllSent();

  [[nodiscard]] store::JobStore& store() { return *store_; }
  template <class T>
  base::Result<T> run(boost::asio::awaitable<base::Result<T>> operation) {
    return runOn(context_, std::move(operation));
  }

 private:
  base::Result<base::UniqueFd> openOutput(std::int64_t job_id);
  void makeNotifier();

  const notify::NotifierConfig config_;
  TempFolder folder_;
  boost::asio::io_context context_;
  base::UnixMillis now_ = kThen;
  std::map<std::int64_t, base::Error> spoiled_;
  std::unique_ptr<store::JobStore> store_;
  std::unique_ptr<notify::Notifier> notifier_;
  bool running_ = false;
};

}  // namespace tango::test
