// The output of a job while it is written: where it will be kept depends on how large it becomes.
//
// Most outputs are a few lines. Such a one is given to the store, which keeps it with the job's end
// in one commit; a file of its own would cost two more writes that wait for the disk, its content's
// and its name's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "files/outputs.hpp"

namespace tango::files {

/// An output of at most so many bytes is for the store.
inline constexpr std::uint64_t kStoredOutputBytesMax = std::uint64_t{32} * 1024;
/// An output that cannot grow beyond is written in memory.
inline constexpr std::uint64_t kMemoryOutputBytesMax = std::uint64_t{2} * 1024 * 1024;

class JobOutput {
 public:
  /// Written in memory first. Does not block. `outputs` is borrowed.
  static base::Result<std::unique_ptr<JobOutput>> inMemory(Outputs& outputs, std::int64_t job_id);
  /// Written in its folder from the beginning. Blocks.
  static base::Result<std::unique_ptr<JobOutput>> inFile(Outputs& outputs, std::int64_t job_id);

  /// For reading and writing.
  [[nodiscard]] int fd() const { return file_ ? file_->file.fd() : memory_.get(); }
  /// Whether it was begun in its folder, whose disk may be full.
  [[nodiscard]] bool onDisk() const { return file_ != nullptr; }
  [[nodiscard]] base::Result<std::uint64_t> bytes() const;
  /// All of it. Does not block where it is as small as the store keeps it.
  [[nodiscard]] base::Result<std::string> content() const;
  /// Makes it durable in its file. Blocks.
  base::Result<void> publish();

 private:
  JobOutput(Outputs& outputs, std::int64_t job_id, base::UniqueFd memory,
            std::unique_ptr<PendingOutput> file);

  Outputs& outputs_;
  const std::int64_t job_id_;
  base::UniqueFd memory_;
  std::unique_ptr<PendingOutput> file_;
};

}  // namespace tango::files
