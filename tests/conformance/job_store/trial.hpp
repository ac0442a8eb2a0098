// The fixture of every case: a store of its own in a folder of its own, and a service of one thread
// that does nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "store/job_store.hpp"
#include "support/run_on.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

/// A time of day, and the lengths that tests count in.
inline constexpr base::UnixMillis kNoon = 1'795'521'600'000;
inline constexpr base::UnixMillis kSecond = 1'000;
inline constexpr base::UnixMillis kHour = 3'600 * kSecond;
inline constexpr base::UnixMillis kDay = 24 * kHour;

/// Content whose hash is `letter`, 64 times.
store::Blob blobOf(char letter);
/// A job of courselab "lab" with the files "main.c" and "Makefile".
model::Submission submission();
store::AddOptions at(base::UnixMillis now);
/// An end of that time, in which nothing is said but the verdict.
model::JobEnd endedAt(base::UnixMillis when, model::Verdict verdict = model::Verdict::kSucceeded);

class Trial {
 public:
  /// With the courselab "lab", in which "main.c" is blobOf('a') and "Makefile" blobOf('b').
  Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  [[nodiscard]] store::JobStore& store() { return *store_; }
  /// Ends the service and starts another with what it kept.
  void reopen();

  template <class T>
  base::Result<T> run(boost::asio::awaitable<base::Result<T>> operation) {
    return runOn(context_, std::move(operation));
  }
  /// What it gave; the case fails if that is an error.
  template <class T>
  T get(boost::asio::awaitable<base::Result<T>> operation) {
    base::Result<T> result = run(std::move(operation));
    REQUIRE_MESSAGE(result.ok(), (result ? "" : result.error().message()));
    return *std::move(result);
  }
  void done(boost::asio::awaitable<base::Result<void>> operation);
  /// The kind of its error; the case fails if there is none.
  template <class T>
  base::ErrorKind refused(boost::asio::awaitable<base::Result<T>> operation) {
    const base::Result<T> result = run(std::move(operation));
    REQUIRE(!result.ok());
    return result.error().kind();
  }

  /// Adds submission(), or another, and gives its id.
  std::int64_t add(model::Submission job = submission(), base::UnixMillis now = kNoon);
  /// Adds a job and takes it to its end.
  std::int64_t addEnded(model::Submission job = submission(), base::UnixMillis ended = kNoon);
  /// Claims a job, and notes that it runs.
  void begin(std::int64_t id, base::UnixMillis when);
  void upload(const std::string& name, char letter, base::UnixMillis now = kNoon);
  [[nodiscard]] boost::asio::io_context& context() { return context_; }

 private:
  TempFolder folder_;
  boost::asio::io_context context_;
  std::unique_ptr<store::JobStore> store_;
};

}  // namespace tango::test
