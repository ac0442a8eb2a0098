// The command line of tango-cli: the flags of Tango's own client, with the same defaults.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tango::cli {

struct Options {
  std::string server = "localhost";
  std::uint16_t port = 3000;
  bool ssl = false;
  std::string ca_file;
  std::string key;
  std::string courselab;

  bool open = false;
  bool upload = false;
  bool add_job = false;
  bool poll = false;
  bool info = false;
  bool jobs = false;
  bool pool = false;
  bool prealloc = false;
  bool build = false;
  bool get_partial_output = false;
  std::string run_job;  ///< the folder; "": not asked for
  int num_jobs = 1;

  std::string image;
  std::string image_name;
  std::vector<std::string> infiles;  ///< JSON objects
  std::string output_file = "result.out";
  std::int64_t timeout_seconds = 0;  ///< 0: the server's default
  std::int64_t max_kb = 0;           ///< 0: the server's default
  std::string filename;
  int dead_jobs = 0;
  int num = 2;
  int cores = 1;
  std::int64_t memory_mb = 512;
  std::string vmms = "localDocker";
  std::string job_name = "test_job";
  std::string notify_url;
  bool disable_network = false;
  std::string job_id;
  std::string access_key_id;
  std::string access_key;
};

/// Adds the options to `app`; they are written to `options` as the line is parsed.
void addOptions(CLI::App& app, Options& options);

/// What was not given is completed: the port of TLS, the key from $TANGO_KEY.
void completeOptions(Options& options);

}  // namespace tango::cli
