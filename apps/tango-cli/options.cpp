#include "tango-cli/options.hpp"

#include <cstdlib>
#include <limits>

#include <CLI/CLI.hpp>

namespace tango::cli {
namespace {

constexpr std::uint16_t kPort = 3000;
constexpr std::uint16_t kTlsPort = 443;
constexpr auto kWholeMax = std::numeric_limits<std::int64_t>::max();

void addServer(CLI::App& app, Options& options) {
  app.add_option("-s,--server", options.server, "The server's host")->capture_default_str();
  app.add_option("-P,--port", options.port, "The server's port")
      ->check(CLI::Range(1, 65'535))
      ->capture_default_str();
  app.add_flag("-S,--ssl", options.ssl, "Talk TLS to it; its port is then 443 unless it is given");
  app.add_option("--ca", options.ca_file, "PEM certificates to trust beside the system's")
      ->type_name("FILE");
  app.add_option("-k,--key", options.key,
                 "The key; `ps` shows it to everybody, so better set TANGO_KEY");
  app.add_option("-l,--courselab", options.courselab, "The lab");
}

void addVerbs(CLI::App& app, Options& options) {
  app.add_flag("-o,--open", options.open, "Make the lab's folder if it is not there (-k -l)");
  app.add_flag("-u,--upload", options.upload, "Upload a file (-k -l --filename)");
  app.add_flag("-a,--addJob", options.add_job,
               "Submit a job (-k -l --infiles, and --image --outputFile --jobname --maxsize "
               "--timeout --notifyURL --disableNetwork)");
  app.add_flag("-p,--poll", options.poll, "Get an output file (-k -l --outputFile)");
  app.add_flag("-i,--info", options.info, "The service's counters (-k)");
  app.add_flag("-j,--jobs", options.jobs, "Live jobs, or with --deadJobs 1 ended ones (-k)");
  app.add_flag("--pool", options.pool, "An image's VMs (-k --image); without --image all pools");
  app.add_flag("--prealloc", options.prealloc,
               "Keep VMs of an image ready (-k --image --num --vmms --cores --memory)");
  app.add_flag("--build", options.build,
               "Make an image of what `docker save` wrote (-k --filename --imageName)");
  app.add_flag("--getPartialOutput", options.get_partial_output,
               "What a running job has written so far (-k --jobid)");
  app.add_option("--runJob", options.run_job,
                 "Open the lab, upload all files of a folder and submit them as a job (-k -l)")
      ->type_name("DIR");
  app.add_option("--numJobs", options.num_jobs, "How many jobs --runJob submits")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

void addDetails(CLI::App& app, Options& options) {
  app.add_option("--image", options.image, "The VM image (default autograding_image)");
  app.add_option("--imageName", options.image_name, "What --build calls the image");
  app.add_option("--infiles", options.infiles,
                 R"(The job's files, each as '{"localFile": "NAME", "destFile": "NAME"}')")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1, -1)
      ->type_name("JSON");
  app.add_option("--outputFile", options.output_file, "The output file's name")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout_seconds, "Seconds; 0: the server's default")
      ->check(CLI::Range(std::int64_t{0}, kWholeMax))
      ->capture_default_str();
  app.add_option("--maxsize", options.max_kb, "KiB of output; 0: the server's default")
      ->check(CLI::Range(std::int64_t{0}, kWholeMax))
      ->capture_default_str();
  app.add_option("--filename", options.filename, "The file to upload, or the image to build");
  app.add_option("--deadJobs", options.dead_jobs, "0: live jobs, 1: ended ones")
      ->check(CLI::Range(0, 1))
      ->capture_default_str();
  app.add_option("--num", options.num, "VMs to keep ready")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--cores", options.cores, "Cores of each")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--memory", options.memory_mb, "MiB of memory of each")
      ->check(CLI::Range(std::int64_t{0}, kWholeMax))
      ->capture_default_str();
  app.add_option("--vmms", options.vmms, "Where they are made")->capture_default_str();
  app.add_option("--jobname", options.job_name, "The job's name")->capture_default_str();
  app.add_option("--notifyURL", options.notify_url, "Called back with the output")
      ->type_name("URL");
  app.add_flag("--disableNetwork", options.disable_network, "No network for the job");
  app.add_option("--jobid", options.job_id, "The job of --getPartialOutput");
  app.add_option("--accessKeyId", options.access_key_id, "Of the AWS account to use");
  app.add_option("--accessKey", options.access_key, "Of the AWS account to use");
}

}  // namespace

void addOptions(CLI::App& app, Options& options) {
  addServer(app, options);
  addVerbs(app, options);
  addDetails(app, options);
}

void completeOptions(Options& options) {
  if (options.ssl && options.port == kPort) {
    options.port = kTlsPort;
  }
  const char* key = std::getenv("TANGO_KEY");  // NOLINT(concurrency-mt-unsafe): one thread
  if (options.key.empty() && key != nullptr) {
    options.key = key;
  }
}

}  // namespace tango::cli
