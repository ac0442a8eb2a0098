#include "files/job_output.hpp"

#include <cerrno>
#include <cstddef>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write_all.hpp"

namespace tango::files {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;

JobOutput::JobOutput(Outputs& outputs, std::int64_t job_id, base::UniqueFd memory,
                     std::unique_ptr<PendingOutput> file)
    : outputs_(outputs), job_id_(job_id), memory_(std::move(memory)), file_(std::move(file)) {}

Result<std::unique_ptr<JobOutput>> JobOutput::inMemory(Outputs& outputs, std::int64_t job_id) {
  base::UniqueFd memory(::memfd_create("output", MFD_CLOEXEC));
  if (!memory) {
    return systemError(errno, "make room in memory for an output");
  }
  return std::unique_ptr<JobOutput>(new JobOutput(outputs, job_id, std::move(memory), nullptr));
}

Result<std::unique_ptr<JobOutput>> JobOutput::inFile(Outputs& outputs, std::int64_t job_id) {
  Result<std::unique_ptr<PendingOutput>> file = outputs.create(job_id);
  if (!file) {
    return file.error();
  }
  return std::unique_ptr<JobOutput>(new JobOutput(outputs, job_id, {}, *std::move(file)));
}

Result<std::uint64_t> JobOutput::bytes() const {
  struct stat status{};
  if (::fstat(fd(), &status) != 0) {
    return systemError(errno, "fstat an output");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::string> JobOutput::content() const {
  const Result<std::uint64_t> size = bytes();
  if (!size) {
    return size.error();
  }
  std::string content(*size, '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t got =
        ::pread(fd(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return got < 0 ? systemError(errno, "read an output")
                     : Error(ErrorKind::kSystem, "an output became shorter while it was read");
    }
    done += static_cast<std::size_t>(got);
  }
  return content;
}

Result<void> JobOutput::publish() {
  if (!file_) {
    Result<std::unique_ptr<PendingOutput>> file = outputs_.create(job_id_);
    if (!file) {
      return file.error();
    }
    const Result<std::string> all = content();
    if (!all) {
      return all.error();
    }
    if (Result<void> written = base::writeAll((*file)->file.fd(), *all); !written) {
      return written;
    }
    file_ = *std::move(file);
  }
  return file_->file.publish();
}

}  // namespace tango::files
