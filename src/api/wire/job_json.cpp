#include "api/wire/job_json.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <boost/json/serialize.hpp>

#include "api/json_object.hpp"
#include "base/utf8.hpp"

namespace tango::api::wire {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::Result;
using model::Submission;

constexpr double kSecondsMax = 1e9;
// A job's output is in memory while it runs.
constexpr double kKilobytesMax = 1024 * 1024;
constexpr std::size_t kFilesMax = 1000;

Error wrong(const std::string& field, const std::string& what) {
  return {ErrorKind::kInvalid, field + " " + what};
}

bool isAbsent(const json::value* value) {
  return value == nullptr || value->is_null();
}

// `within` is what the field's name follows in an error.
Result<std::string> textOf(const json::object& object, const std::string& field,
                           const std::string& within = "") {
  const json::value* value = object.if_contains(field);
  if (isAbsent(value)) {
    return wrong(within + field, "is missing");
  }
  if (!value->is_string()) {
    return wrong(within + field, "is not a string");
  }
  return std::string(value->get_string());
}

Result<std::string> optionalText(const json::object& object, const std::string& field) {
  return isAbsent(object.if_contains(field)) ? Result<std::string>(std::string())
                                             : textOf(object, field);
}

// Nothing: the default is meant.
Result<std::optional<double>> amountOf(const json::value* value, const std::string& field,
                                       double max) {
  if (isAbsent(value)) {
    return std::optional<double>();
  }
  if (!value->is_number()) {
    return wrong(field, "is not a number");
  }
  const auto amount = value->to_number<double>();
  if (amount > max) {
    return wrong(field, "is too large: it may be " +
                            std::to_string(static_cast<std::uint64_t>(max)) + " at most");
  }
  return amount > 0 ? std::optional(amount) : std::nullopt;
}

Result<model::SubmittedFile> fileOf(const json::value& value, const std::string& field) {
  const json::object* file = value.if_object();
  if (file == nullptr) {
    return wrong(field, "is not an object");
  }
  Result<std::string> local = textOf(*file, "localFile", field + ".");
  if (!local) {
    return local.error();
  }
  Result<std::string> dest = textOf(*file, "destFile", field + ".");
  if (!dest) {
    return dest.error();
  }
  return model::SubmittedFile{*std::move(local), *std::move(dest), ""};
}

Result<std::vector<model::SubmittedFile>> filesOf(const json::object& object) {
  const json::value* value = object.if_contains("files");
  if (isAbsent(value)) {
    return wrong("files", "is missing");
  }
  if (!value->is_array()) {
    return wrong("files", "is not a list");
  }
  const json::array& list = value->get_array();
  if (list.size() > kFilesMax) {
    return wrong("files", "are more than " + std::to_string(kFilesMax));
  }
  std::vector<model::SubmittedFile> files;
  for (const json::value& each : list) {
    Result<model::SubmittedFile> file = fileOf(each, "files[" + std::to_string(files.size()) + "]");
    if (!file) {
      return file.error();
    }
    files.push_back(*std::move(file));
  }
  return files;
}

// The text fields of a job, by the place where each goes.
Result<void> readTexts(const json::object& object, Submission& submission) {
  const std::pair<const char*, std::string*> required[] = {
      {"jobName", &submission.name},
      {"image", &submission.machine.image},
      {"output_file", &submission.output_file}};
  const std::pair<const char*, std::string*> optional[] = {
      {"callback_url", &submission.callback_url},
      {"accessKeyId", &submission.access_key_id},
      {"accessKey", &submission.access_key},
      {"vmms", &submission.vmms}};
  for (const auto& [field, into] : required) {
    Result<std::string> text = textOf(object, field);
    if (!text) {
      return text.error();
    }
    *into = *std::move(text);
  }
  for (const auto& [field, into] : optional) {
    Result<std::string> text = optionalText(object, field);
    if (!text) {
      return text.error();
    }
    *into = *std::move(text);
  }
  return {};
}

Result<void> readLimits(const json::object& object, Submission& submission) {
  const json::value* timeout = object.if_contains("timeout");
  if (timeout == nullptr) {
    return wrong("timeout", "is missing");
  }
  const Result<std::optional<double>> seconds = amountOf(timeout, "timeout", kSecondsMax);
  if (!seconds) {
    return seconds.error();
  }
  if (*seconds) {
    const auto millis = static_cast<std::int64_t>(std::ceil(**seconds * 1000));
    submission.limits.wall_time = std::chrono::milliseconds(millis);
  }
  const Result<std::optional<double>> kilobytes =
      amountOf(object.if_contains("max_kb"), "max_kb", kKilobytesMax);
  if (!kilobytes) {
    return kilobytes.error();
  }
  if (*kilobytes) {
    submission.limits.output_bytes = static_cast<std::uint64_t>(std::ceil(**kilobytes * 1024));
  }
  return {};
}

bool isTrue(const json::value* value) {
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::value orNull(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

// What Tango says only of VMs that were preallocated as something special.
json::value unlessUsual(std::uint64_t amount, std::uint64_t usual, std::uint64_t unit) {
  return amount == usual ? json::value(nullptr) : json::value((amount + unit - 1) / unit);
}

json::object vmJson(const model::JobRecord& job, const model::MachineSpec& usual) {
  const model::MachineSpec& machine = job.submission.machine;
  constexpr std::uint64_t kCore = 1000;
  return {{"network", nullptr},
          {"resume", nullptr},
          {"image", machine.image},
          {"memory", unlessUsual(machine.memory_bytes, usual.memory_bytes, model::kMiB)},
          {"vmms", job.submission.vmms},
          {"cores", unlessUsual(machine.cpu_millis, usual.cpu_millis, kCore)},
          {"disk", nullptr},
          {"id", job.vm_id > 0 ? json::value(job.vm_id) : json::value(nullptr)},
          {"name", machine.image}};
}

}  // namespace

Result<Submission> submissionFromJson(std::string_view body, const std::string& courselab,
                                      const config::ServiceConfig& config) {
  const Result<json::object> object = parseObject(body);
  if (!object) {
    return object.error();
  }
  Submission submission;
  submission.courselab = courselab;
  submission.machine = config.machine;
  submission.limits = config.limits;
  if (const Result<void> read = readTexts(*object, submission); !read) {
    return read.error();
  }
  if (const Result<void> read = readLimits(*object, submission); !read) {
    return read.error();
  }
  submission.machine.network = config.machine.network && config.caps.network &&
                               !isTrue(object->if_contains("disable_network"));
  Result<std::vector<model::SubmittedFile>> files = filesOf(*object);
  if (!files) {
    return files.error();
  }
  submission.files = *std::move(files);
  return submission;
}

std::string jobJson(const model::JobRecord& job, const model::MachineSpec& usual) {
  const std::string folder = "courselabs/" + job.submission.courselab + "/";
  json::array trace;
  for (const std::string& line : job.trace) {  // a VMMS's error in it may be of any bytes
    trace.emplace_back(base::replaceInvalidUtf8(line));
  }
  json::array input;
  for (const model::SubmittedFile& file : job.submission.files) {
    input.push_back({{"destFile", file.dest_file}, {"localFile", folder + file.local_file}});
  }
  const auto timeout = std::chrono::ceil<std::chrono::seconds>(job.submission.limits.wall_time);
  const json::object object = {{"retries", job.retries},
                               {"outputFile", folder + "output/" + job.submission.output_file},
                               {"name", job.submission.name},
                               {"notifyURL", orNull(job.submission.callback_url)},
                               {"maxOutputFileSize", job.submission.limits.output_bytes},
                               {"assigned", job.state == model::JobState::kRunning},
                               {"timeout", timeout.count()},
                               {"id", job.id},
                               {"trace", std::move(trace)},
                               {"vm", vmJson(job, usual)},
                               {"input", std::move(input)}};
  return json::serialize(object);
}

}  // namespace tango::api::wire
