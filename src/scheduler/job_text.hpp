// The words in which a job's way is told: its trace, and the head of its output file. Wire facts:
// Autolab parses both.
#pragma once

#include <ctime>
#include <string>

#include "model/job.hpp"
#include "scheduler/job_run.hpp"

namespace tango::scheduler {

/// "Dispatched job NAME:ID [try N]" and so on, without the date.
[[nodiscard]] std::string dispatchedLine(const model::Job& job, int attempt);
[[nodiscard]] std::string assignedLine(const model::Job& job, const std::string& vm, bool existing);
[[nodiscard]] std::string waitingLine(const model::Job& job, const std::string& vm);
[[nodiscard]] std::string readyLine(const model::Job& job, const std::string& vm);
[[nodiscard]] std::string copiedInLine(const model::Job& job, int status);
[[nodiscard]] std::string executedLine(const model::Job& job, int status);
[[nodiscard]] std::string copiedOutLine(const model::Job& job, int status);
[[nodiscard]] std::string failedLine(const model::Job& job, const std::string& why);

/// What a finished run comes to, in one line: "Success: Autodriver returned normally", "Error: Job
/// timed out after N seconds", "Error: Copy in to VM failed (status=N)" and so on.
[[nodiscard]] std::string verdictLine(const model::Job& job, const JobRun& run);

/// The lines above autodriver's own in the output file, "---" included. `received` and `ended` are
/// shown in the server's local time.
[[nodiscard]] std::string outputHeader(const model::Job& job, const JobRun& run,
                                       std::time_t received, std::time_t ended);

/// The whole output file of a job that ended without having run; `why` is its verdict.
[[nodiscard]] std::string unrunOutput(const std::string& label, const std::string& why,
                                      std::time_t received, std::time_t ended);

/// `DATE|line` with the date in UTC, as a trace holds it.
[[nodiscard]] std::string traceLine(std::time_t when, const std::string& line);

}  // namespace tango::scheduler
