// The output files of jobs, one a job, under its id:
//
//   DATA/outputs/000012/12345   the output of job 12345 (a thousand to a folder)
//
// Which of them a client sees under a courselab's output name is the store's to say, so a newer job
// withdraws an older output without touching it, and two jobs never write one file. Every method
// blocks: it is for a thread that may (async/offload.hpp), but for `open`, which is one openat.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "files/output_file.hpp"

namespace tango::files {

/// An output file that is being written; see OutputFile.
struct PendingOutput {
  base::UniqueFd folder;  ///< held for `file`
  OutputFile file;
};

class Outputs {
 public:
  /// Opens, or makes, the folder `outputs` in `data_folder_fd` (borrowed for the call) and sweeps
  /// what was left half written.
  static base::Result<std::unique_ptr<Outputs>> openIn(int data_folder_fd);

  base::Result<std::unique_ptr<PendingOutput>> create(std::int64_t job_id);
  /// Opened for reading. kNotFound: none was published.
  [[nodiscard]] base::Result<base::UniqueFd> open(std::int64_t job_id) const;
  /// Fine if it is not there.
  base::Result<void> remove(std::int64_t job_id);

 private:
  explicit Outputs(base::UniqueFd folder);

  base::UniqueFd folder_;
};

}  // namespace tango::files
