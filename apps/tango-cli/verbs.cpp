#include "tango-cli/verbs.hpp"

#include <array>
#include <filesystem>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tango-cli/run_job.hpp"
#include "tango/client/answer_fields.hpp"

namespace tango::cli {
namespace {

using base::Error;
using base::ErrorKind;
using boost::json::object;

constexpr const char* kDefaultImage = "autograding_image";

std::string imageOf(const Options& options) {
  return options.image.empty() ? kDefaultImage : options.image;
}

WireRequest openRequest(const Options& options) {
  WireRequest request;
  request.verb = "open";
  request.segments = {options.courselab};
  return request;
}

WireRequest uploadRequest(const Options& options) {
  WireRequest request;
  request.method = "POST";
  request.verb = "upload";
  request.segments = {options.courselab};
  request.headers = {{"Filename", std::filesystem::path(options.filename).filename()}};
  request.file = options.filename;
  request.details = " filename=" + options.filename;
  return request;
}

Result<boost::json::array> infilesOf(const Options& options) {
  boost::json::array files;
  for (const std::string& text : options.infiles) {
    boost::system::error_code failure;
    boost::json::value file = boost::json::parse(text, failure);
    const object fields = file.is_object() && !failure ? file.get_object() : object();
    if (client::textOf(fields, "localFile").empty() || client::textOf(fields, "destFile").empty()) {
      return Error(ErrorKind::kInvalid,
                   "--infiles wants JSON objects such as '{\"localFile\": \"hello.sh\", "
                   "\"destFile\": \"hello.sh\"}', not " +
                       text);
    }
    files.push_back(std::move(file));
  }
  return files;
}

Result<WireRequest> addJobRequest(const Options& options) {
  Result<boost::json::array> files = infilesOf(options);
  if (!files) {
    return files.error();
  }
  object job = {{"image", imageOf(options)},
                {"files", *std::move(files)},
                {"timeout", options.timeout_seconds},
                {"max_kb", options.max_kb},
                {"output_file", options.output_file},
                {"jobName", options.job_name},
                {"accessKeyId", options.access_key_id},
                {"accessKey", options.access_key},
                {"disable_network", options.disable_network}};
  if (!options.notify_url.empty()) {
    // What Tango reads; its own client sends `notifyURL`, which no server ever looked at.
    job["callback_url"] = options.notify_url;
  }
  WireRequest request;
  request.method = "POST";
  request.verb = "addJob";
  request.segments = {options.courselab};
  request.body = boost::json::serialize(job);
  job["accessKey"] = options.access_key.empty() ? "" : "***";
  request.details = "  jobObj=" + boost::json::serialize(job);
  return request;
}

WireRequest pollRequest(const Options& options) {
  WireRequest request;
  request.verb = "poll";
  request.segments = {options.courselab, options.output_file};
  return request;
}

WireRequest partialOutputRequest(const Options& options) {
  WireRequest request;
  request.verb = "getPartialOutput";
  request.segments = {options.job_id};
  return request;
}

WireRequest infoRequest(const Options& /*options*/) {
  WireRequest request;
  request.verb = "info";
  return request;
}

WireRequest jobsRequest(const Options& options) {
  WireRequest request;
  request.verb = "jobs";
  request.segments = {std::to_string(options.dead_jobs)};
  return request;
}

WireRequest poolRequest(const Options& options) {
  WireRequest request;
  request.verb = "pool";
  if (!options.image.empty()) {
    request.segments = {options.image};
  }
  return request;
}

WireRequest preallocRequest(const Options& options) {
  WireRequest request;
  request.method = "POST";
  request.verb = "prealloc";
  request.segments = {imageOf(options), std::to_string(options.num)};
  request.body = boost::json::serialize(
      object{{"vmms", options.vmms}, {"cores", options.cores}, {"memory", options.memory_mb}});
  request.details = "  vmObj=" + request.body;
  return request;
}

WireRequest buildRequest(const Options& options) {
  WireRequest request;
  request.method = "POST";
  request.verb = "build";
  request.headers = {{"imageName", options.image_name}};
  request.file = options.filename;
  // The answer comes once the image is made.
  request.patience = std::chrono::minutes(30);
  return request;
}

/// Everything that a verb has: when it is meant, what it needs, what it does.
struct Verb {
  bool wanted;
  bool needs_courselab;
  const char* needs_name;          ///< another flag that it needs; nullptr: none
  const std::string* needs_value;  ///< and its value
  Result<void> (*act)(const Options&, WireClient&);
};

template <WireRequest (*make)(const Options&)>
Result<void> sendOne(const Options& options, WireClient& wire) {
  return wire.send(make(options));
}

Result<void> addJob(const Options& options, WireClient& wire) {
  const Result<WireRequest> request = addJobRequest(options);
  return request ? wire.send(*request) : request.error();
}

Result<void> runJobs(const Options& options, WireClient& wire) {
  const RunJobSteps steps{sendOne<openRequest>, sendOne<uploadRequest>, addJob};
  return runFolder(options, wire, steps);
}

std::array<Verb, 11> verbsOf(const Options& options) {
  static const std::string no_value;
  const std::string* filename = &options.filename;
  const std::string* infiles = options.infiles.empty() ? &no_value : &options.infiles.front();
  return {{{options.open, true, nullptr, nullptr, sendOne<openRequest>},
           {options.upload, true, "--filename", filename, sendOne<uploadRequest>},
           {options.add_job, true, "--infiles", infiles, addJob},
           {options.get_partial_output, false, "--jobid", &options.job_id,
            sendOne<partialOutputRequest>},
           {options.poll, true, nullptr, nullptr, sendOne<pollRequest>},
           {options.info, false, nullptr, nullptr, sendOne<infoRequest>},
           {options.jobs, false, nullptr, nullptr, sendOne<jobsRequest>},
           {options.pool, false, nullptr, nullptr, sendOne<poolRequest>},
           {options.prealloc, false, nullptr, nullptr, sendOne<preallocRequest>},
           {options.build, false, options.filename.empty() ? "--filename" : "--imageName",
            options.filename.empty() ? filename : &options.image_name, sendOne<buildRequest>},
           {!options.run_job.empty(), true, nullptr, nullptr, runJobs}}};
}

}  // namespace

bool hasVerb(const Options& options) {
  for (const Verb& verb : verbsOf(options)) {
    if (verb.wanted) {
      return true;
    }
  }
  return false;
}

Result<void> checkOptions(const Options& options) {
  if (options.key.empty()) {
    return Error(ErrorKind::kInvalid, "Key must be specified with -k, or in TANGO_KEY");
  }
  for (const Verb& verb : verbsOf(options)) {
    if (!verb.wanted) {
      continue;
    }
    if (verb.needs_courselab && options.courselab.empty()) {
      return Error(ErrorKind::kInvalid, "Courselab must be specified with -l");
    }
    if (verb.needs_name != nullptr && verb.needs_value->empty()) {
      return Error(ErrorKind::kInvalid,
                   std::string("this needs ") + verb.needs_name + ": see --help");
    }
    break;
  }
  const Result<boost::json::array> files = infilesOf(options);
  return files ? Result<void>() : files.error();
}

Result<void> perform(const Options& options, WireClient& wire) {
  for (const Verb& verb : verbsOf(options)) {
    if (verb.wanted) {
      return verb.act(options, wire);
    }
  }
  return {};
}

}  // namespace tango::cli
