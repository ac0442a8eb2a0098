// The service's end of the streams of an autodriver that stands by, as tests need it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "drive/messages.hpp"
#include "model/outcome.hpp"

namespace tango::test {

struct Reply {
  drive::Tell tell = drive::Tell::kDone;
  std::string payload;
};

struct Served {
  std::optional<base::Error> failure;
  model::RunOutcome outcome;
  std::vector<std::pair<std::uint64_t, std::string>> live;  ///< offset and bytes
};

using Files = std::map<std::string, std::string>;

/// A tree stream of these files.
[[nodiscard]] std::string streamOf(const Files& files);
/// A Makefile whose rule for "all" is `recipe`.
[[nodiscard]] Files recipeFiles(const std::string& recipe);

struct StreamPair {
  base::UniqueFd read;
  base::UniqueFd write;
};
[[nodiscard]] StreamPair makeStream();

/// A reply that does not come within a minute fails the test.
class DriveClient {
 public:
  virtual ~DriveClient() = default;

  void send(std::string_view bytes);
  void ask(drive::Ask ask);
  void askRun(const model::RunLimits& limits);
  [[nodiscard]] Reply reply();
  void waitReady();
  /// The next reply is kFailed: why.
  [[nodiscard]] base::Error failure();
  /// The failure, if there is one.
  std::optional<base::Error> giveFiles(const Files& files);
  std::optional<base::Error> giveStream(std::string_view stream);
  /// Takes the replies to askRun.
  [[nodiscard]] Served takeRun();
  [[nodiscard]] std::string takeOutput();
  void hangUp() { to_.reset(); }
  /// Nothing more comes.
  [[nodiscard]] bool ended();

  /// All at once, of recipeFiles(recipe).
  [[nodiscard]] Served serve(const std::string& recipe, const model::RunLimits& limits = {});

  /// What it said last.
  [[nodiscard]] virtual std::string lastWord() const = 0;

 protected:
  DriveClient() = default;
  DriveClient(const DriveClient&) = delete;
  DriveClient& operator=(const DriveClient&) = delete;

  base::UniqueFd to_;
  base::UniqueFd from_;
};

}  // namespace tango::test
