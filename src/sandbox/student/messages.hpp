// What `tango-student`, inside a job, and the privileged process that serves it say to each other,
// in the packets of sandbox/protocol.hpp:
//
//   program → service  kStudent(StudentRequest), kFile(FileHeader with an absolute path) + file for
//                      each file that the command shall find, kRun; later perhaps kStop
//   service → program  kStream(0, 1, 2) + the other end of that standard stream's pipe, kReady once
//                      the command runs, kFile(FileHeader) + file for each result that is there,
//                      kEnded(StudentEnd); or kFailed(Error) instead of any
//
// No descriptor of the program's reaches the command: the service makes the pipes and copies the
// files. Either side's end of the connection is the end of the run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tango::sandbox {

/// The service's socket: a path that no job can change or remove. The command has no way to it.
inline constexpr const char* kStudentSocket = "/home/.tango-student";
/// The same, of an autodriver that stands by.
inline constexpr const char* kStudentSocketOfDriver = "/run/tango-student/socket";

/// Where a job, and the command too, may write. A file that is given to the command has the path
/// that it has for the grader, and that lies in one of these.
inline constexpr std::array kScratchFolders = {"/home", "/tmp", "/var/tmp", "/dev/shm"};

/// Runs that go on at the same time; a further one waits.
inline constexpr unsigned kStudentRunsMax = 8;

/// 0: what the service gives if it is not told.
struct StudentLimits {
  std::uint64_t wall_ms = 0;          ///< default: as long as the job has
  std::uint64_t cpu_ms = 0;           ///< of all processes together; default: what the job has
  std::uint64_t memory_bytes = 0;     ///< default: half of the job's
  std::uint64_t disk_bytes = 0;       ///< default, and at most: the job's / kStudentRunsMax
  std::uint64_t processes = 0;        ///< default: half of the job's
  std::uint64_t file_size_bytes = 0;  ///< default: the job's
  std::uint64_t open_files = 0;       ///< default: the job's
};

struct StudentRequest {
  std::vector<std::string> arguments;    ///< the command; its first word is looked up in PATH
  std::vector<std::string> environment;  ///< "NAME=value", all that it gets
  std::string folder;                    ///< where it runs: an absolute path
  StudentLimits limits;
  std::vector<std::string> results;  ///< absolute paths of files to hand back at its end
  bool merge_output = false;   ///< one pipe for stdout and stderr, so that their order is kept
  bool share_network = false;  ///< the job's loopback interface instead of one of its own
};

enum class StudentLimit : std::uint64_t { kNone, kWallTime, kCpuTime, kMemory, kOutput, kDisk };

struct StudentEnd {
  bool exited = false;  ///< else a signal ended it
  int status = 0;       ///< exit status, or signal
  StudentLimit ended_by = StudentLimit::kNone;
  std::uint64_t wall_us = 0;
  std::uint64_t user_us = 0;  ///< of all its processes
  std::uint64_t system_us = 0;
  std::uint64_t memory_peak_bytes = 0;  ///< resident; looked at now and then
  std::uint64_t disk_bytes = 0;
  bool disk_full = false;
};

/// The one of kScratchFolders in which `path`, an absolute one, lies, or which it is; "" if none.
[[nodiscard]] std::string_view scratchFolderOf(std::string_view path);

std::string encode(const StudentRequest& request);
/// kInvalid on what encode did not write, an empty command, a folder that is not an absolute path.
base::Result<StudentRequest> decodeStudentRequest(std::string_view body);
std::string encode(const StudentEnd& end);
base::Result<StudentEnd> decodeStudentEnd(std::string_view body);

}  // namespace tango::sandbox
