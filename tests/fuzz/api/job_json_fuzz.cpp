// addJob's body, and what `/jobs` then says of the job.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/json_object.hpp"
#include "api/wire/job_json.hpp"
#include "base/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const tango::config::ServiceConfig config;
  const auto submission = tango::api::wire::submissionFromJson(body, "lab", config);
  if (!submission) {
    if (submission.error().message().empty()) {
      std::abort();
    }
    return 0;
  }
  if (submission->limits.wall_time.count() <= 0 || submission->limits.output_bytes == 0) {
    std::abort();
  }
  tango::model::JobRecord job;
  job.submission = *submission;
  job.trace.emplace_back(body);
  const std::string text = tango::api::wire::jobJson(job, config.machine);
  if (!tango::api::parseObject(text) || tango::base::replaceInvalidUtf8(text) != text) {
    std::abort();
  }
  return 0;
}
