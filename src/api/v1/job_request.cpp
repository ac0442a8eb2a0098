#include "api/v1/job_request.hpp"

#include "api/v1/json_fields.hpp"
#include "api/v1/limits_json.hpp"
#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "files/blob_store.hpp"

namespace tango::api::v1 {
namespace {

constexpr const char* kDefaultCourselab = "default";
constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kUrlBytesMax = 8192;
constexpr std::size_t kOutputStemBytesMax = 200;

model::SubmittedFile readFile(const boost::json::value& value, const std::string& path,
                              std::optional<Problem>& problem) {
  JsonFields fields(value, path, problem);
  model::SubmittedFile file;
  const std::optional<std::string> name = fields.component("name");
  if (!name) {
    fields.fail("name", "is missing");
  }
  const std::optional<std::string> sha256 = fields.text("sha256", 0, kWholeMax);
  const std::optional<std::string> local_file = fields.component("local_file");
  fields.finish();
  if (sha256 && !files::isSha256(*sha256)) {
    fields.fail("sha256", "must be 64 lower-case hex digits");
  }
  if (!problem && sha256.has_value() == local_file.has_value()) {
    problem = badField(path, path + " must have exactly one of sha256 and local_file");
  }
  file.dest_file = name.value_or("");
  file.sha256 = sha256.value_or("");
  file.local_file = local_file.value_or("");
  return file;
}

void readFiles(JsonFields& fields, bool needed, std::optional<Problem>& problem,
               std::vector<model::SubmittedFile>& files) {
  const boost::json::array* found = fields.array("files", kJobFilesMax);
  if (found == nullptr) {
    if (needed) {
      fields.fail("files", "is missing");
    }
    return;
  }
  for (std::size_t at = 0; at < found->size() && !problem; ++at) {
    files.push_back(readFile((*found)[at], "files[" + std::to_string(at) + "]", problem));
  }
}

}  // namespace

OrProblem<model::Submission> readJobRequest(const boost::json::value& document,
                                            const config::ServiceConfig& config,
                                            bool files_needed) {
  std::optional<Problem> problem;
  JsonFields fields(document, "", problem);
  model::Submission submission;
  submission.courselab = fields.component("courselab").value_or(kDefaultCourselab);
  submission.name = fields.requiredText("name", 1, kNameBytesMax);
  submission.machine = config.machine;
  submission.machine.image = fields.requiredText("image", 1, kNameBytesMax);
  submission.vmms = fields.text("vmms", 1, kNameBytesMax).value_or("");
  readFiles(fields, files_needed, problem, submission.files);
  submission.output_file = fields.component("output_file").value_or("");
  submission.limits = config.limits;
  readLimits(fields, problem, submission.limits);
  readMachine(fields, problem, submission.machine);
  submission.callback_url = fields.text("callback_url", 1, kUrlBytesMax).value_or("");
  fields.finish();
  if (problem) {
    return *std::move(problem);
  }
  return submission;
}

std::string outputFileFor(std::string_view job_name, std::string_view suffix) {
  std::string stem(job_name.substr(0, kOutputStemBytesMax));
  // A cut in the middle of a character leaves bytes that are none.
  while (base::replaceInvalidUtf8(stem) != stem) {
    stem.pop_back();
  }
  for (char& each : stem) {
    if (each == '/' || base::isControl(each)) {
      each = '_';
    }
  }
  return stem + "-" + std::string(suffix) + ".out";
}

}  // namespace tango::api::v1
