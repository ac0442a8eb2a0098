// poll and getPartialOutput.
#include <sys/stat.h>

#include "api/wire/verb.hpp"
#include "base/safe_path.hpp"
#include "base/utf8.hpp"

namespace tango::api::wire {
namespace {

Response fileAnswer(base::UniqueFd file) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return bad("Output file not found");
  }
  Response response;
  response.content_type = "application/octet-stream";
  response.file = http::FileBody{std::move(file), 0, static_cast<std::uint64_t>(status.st_size)};
  return response;
}

// Clients tell "not there yet" from the output by the content type.
Response notThere(std::string_view message) {
  Response response = bad(message);
  response.content_type = "application/json";
  return response;
}

awaitable<Response> poll(const Service& service, Request& request) {
  for (const std::size_t at : {2U, 3U}) {
    const char* field = at == 2 ? "courselab" : "output file";
    if (const Result<void> named = base::checkComponent(request.segments.at(at), field); !named) {
      co_return notThere(named.error().message());
    }
  }
  const Result<store::OutputLookup> found =
      co_await service.store.output(request.segments.at(2), request.segments.at(3));
  if (!found && found.error().kind() != base::ErrorKind::kNotFound) {
    co_return notThere(found.error().message());
  }
  if (!found || !found->ended) {
    co_return notThere("Output file not found");
  }
  if (found->content) {
    Response response;
    response.content_type = "application/octet-stream";
    response.body = *found->content;
    co_return response;
  }
  Result<base::UniqueFd> file = service.outputs.open(found->job_id);
  co_return file ? fileAnswer(*std::move(file)) : notThere("Output file not found");
}

awaitable<Response> getPartialOutput(const Service& service, Request& request) {
  const std::string failed = "getPartialOutput request failed: ";
  const Result<std::int64_t> id = numberFrom(request.segments.at(2), "the job's id");
  if (!id) {
    co_return bad(failed + "Invalid job id");
  }
  const Result<std::string> output = service.scheduler.partialOutput(*id);
  if (output) {
    co_return good("Partial output obtained", {{"output", base::replaceInvalidUtf8(*output)}});
  }
  const Result<model::JobRecord> job = co_await service.store.job(*id);
  if (!job || job->state == model::JobState::kEnded) {
    co_return bad(failed + "Invalid job id");
  }
  co_return bad(failed + (output.error().kind() == base::ErrorKind::kUnsupported
                              ? output.error().message()
                              : "Job " + std::to_string(*id) + " is not running yet"));
}

}  // namespace

void addOutputVerbs(http::Router& router, const Service& service) {
  addVerb(router, service, "GET", "/poll/{key}/{courselab}/{output}", poll);
  addVerb(router, service, "GET", "/getPartialOutput/{key}/{job}", getPartialOutput);
}

}  // namespace tango::api::wire
