#include <algorithm>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include "api/v1/exchange.hpp"
#include "api/v1/handlers.hpp"
#include "api/v1/output_head.hpp"
#include "base/error.hpp"

namespace tango::api::v1 {
namespace {

using base::ErrorKind;
using base::Result;

constexpr std::uint64_t kOffsetMax = 1ULL << 62;
// A VMMS tells what a job has written, not when it writes.
constexpr base::Millis kLookAgain{250};

struct OutputRequest {
  std::int64_t id = 0;
  std::uint64_t offset = 0;
  base::Deadline deadline;
  bool until_end = false;  ///< else until there is something at `offset`
};

OrProblem<OutputRequest> readRequest(const Request& request) {
  QueryFields query(request.query);
  OutputRequest wanted;
  wanted.offset = query.whole("offset", 0, kOffsetMax).value_or(0);
  wanted.deadline = waitDeadline(query);
  const std::string until = query.text("until").value_or("news");
  wanted.until_end = until == "end";
  if (!wanted.until_end && until != "news") {
    query.fail("until", "must be news or end");
  }
  if (auto problem = query.finish()) {
    return *std::move(problem);
  }
  OrProblem<std::int64_t> id = jobId(request);
  if (auto* problem = std::get_if<Problem>(&id)) {
    return std::move(*problem);
  }
  wanted.id = std::get<std::int64_t>(id);
  return wanted;
}

Response bytesAnswer(const char* kind) {
  Response response;
  response.content_type = "application/octet-stream";
  response.headers.emplace_back("Tango-Output", kind);
  return response;
}

Response finalBytes(std::uint64_t bytes, std::string_view beginning) {
  Response response = bytesAnswer("final");
  response.headers.emplace_back("Tango-Output-Bytes", std::to_string(bytes));
  response.headers.emplace_back("Tango-Output-Head-Bytes",
                                std::to_string(outputHeadBytes(beginning)));
  return response;
}

Response stored(const std::string& output, std::uint64_t offset) {
  Response response = finalBytes(output.size(), std::string_view(output).substr(0, kHeadBytesMax));
  response.body = output.substr(std::min<std::uint64_t>(offset, output.size()));
  return response;
}

Response published(base::UniqueFd file, std::uint64_t offset) {
  struct stat status{};
  std::string beginning(kHeadBytesMax, '\0');
  ssize_t got = -1;
  if (::fstat(file.get(), &status) == 0) {
    got = ::pread(file.get(), beginning.data(), beginning.size(), 0);
  }
  if (got < 0) {
    return answer(problemOf(base::systemError(errno, "read a published output")));
  }
  beginning.resize(static_cast<std::size_t>(got));
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t from = std::min(offset, bytes);
  Response response = finalBytes(bytes, beginning);
  response.file.emplace(http::FileBody{std::move(file), from, bytes - from});
  return response;
}

Response fromFile(const Service& service, const OutputRequest& wanted) {
  Result<base::UniqueFd> file = service.outputs.open(wanted.id);
  if (!file) {
    Problem problem = problemOf(file.error());
    if (file.error().kind() == ErrorKind::kNotFound) {
      problem.detail = "job " + std::to_string(wanted.id) + " has no output";
    }
    return answer(std::move(problem));
  }
  return published(*std::move(file), wanted.offset);
}

/// `written`: nothing while it cannot be told, as when the job has no VM yet.
Response liveAnswer(const std::optional<std::string>& written, std::uint64_t offset) {
  Response response = bytesAnswer("live");
  if (written) {
    response.headers.emplace_back("Tango-Output-Bytes", std::to_string(written->size()));
    response.body = written->substr(std::min<std::uint64_t>(offset, written->size()));
  }
  return response;
}

}  // namespace

awaitable<Response> getOutput(const Service& service, Request& request) {
  OrProblem<OutputRequest> read = readRequest(request);
  if (auto* problem = std::get_if<Problem>(&read)) {
    co_return answer(std::move(*problem));
  }
  const OutputRequest wanted = std::get<OutputRequest>(read);
  if (wanted.until_end) {
    co_await waitForEnd(service, wanted.id, wanted.deadline);
  }
  for (bool ended = false;;) {
    // First, since most are there: one look finds them.
    const Result<std::optional<std::string>> kept = co_await service.store.storedOutput(wanted.id);
    if (!kept) {
      co_return answer(problemOf(kept.error()));
    }
    if (*kept) {
      co_return stored(**kept, wanted.offset);
    }
    if (ended) {
      co_return fromFile(service, wanted);
    }
    const Result<model::JobRecord> job = co_await service.store.job(wanted.id);
    if (!job) {
      co_return answer(problemOf(job.error()));
    }
    if (job->state == model::JobState::kEnded) {
      ended = true;  // perhaps between the two looks
      continue;
    }
    Result<std::string> partial = service.scheduler.partialOutput(wanted.id);
    const std::optional<std::string> written =
        partial ? std::optional(*std::move(partial)) : std::nullopt;
    const bool news = written && written->size() != wanted.offset && !wanted.until_end;
    const base::Deadline now = base::SteadyClock::now();
    const bool stopping = service.stopping != nullptr && service.stopping->isSet();
    if (news || stopping || now >= wanted.deadline) {
      co_return liveAnswer(written, wanted.offset);
    }
    co_await waitForEnd(service, wanted.id, std::min(wanted.deadline, now + kLookAgain));
  }
}

}  // namespace tango::api::v1
