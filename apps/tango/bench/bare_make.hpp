// What the service is compared with: the same `make`, of the same files, with nothing around it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/input_file.hpp"
#include "tango/bench/samples.hpp"

namespace tango::bench {

struct BareRun {
  base::Deadline ended;          ///< its output is read and it was waited for
  double processor_seconds = 0;  ///< its own and its descendants'
  std::string output;            ///< standard output and error, as a job's
};

struct BareRuns {
  double seconds = 0;             ///< from the first one's beginning to the last one's end
  double processor_seconds = 0;   ///< all together
  std::vector<Millis> latencies;  ///< each from the time at which it was due
};

/// When a run is to begin; in the past: as soon as a core is free.
using DueTime = std::function<base::Deadline(base::Deadline begin, std::size_t run)>;

/// Each run has a fresh folder with the job's files, made before the clock starts. A make that
/// fails or prints something else than `expected` is kInvalid.
class BareMake {
 public:
  /// `folder` is for this alone; it is made.
  BareMake(std::filesystem::path folder, model::InputFiles files)
      : folder_(std::move(folder)), files_(std::move(files)) {}

  /// Runs it once, and from then on expects what it prints.
  base::Result<std::string> learnOutput();
  /// One run, from posix_spawn on.
  base::Result<BareRuns> once();
  /// `count` of them, at most one a core at a time. `interrupted` is asked some times a second
  /// whether to give up: kCancelled.
  base::Result<BareRuns> onAllCores(std::size_t count, const DueTime& due,
                                    const std::function<bool()>& interrupted);

  /// Of each make so far, on average; 0 if there was none.
  [[nodiscard]] double processorSeconds() const;

 private:
  base::Result<std::vector<std::filesystem::path>> makeFolders(std::size_t count) const;
  void count(const BareRuns& runs);

  const std::filesystem::path folder_;
  const model::InputFiles files_;
  std::string expected_;
  std::size_t makes_ = 0;
  double processor_seconds_ = 0;
};

}  // namespace tango::bench
