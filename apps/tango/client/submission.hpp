// What the command line of `tango submit` asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "tango/client/server_access.hpp"

namespace tango::client {

/// What is not set is as the server is configured.
struct Submission {
  ServerOptions server;
  std::string folder;
  std::vector<std::string> extra;
  std::string name;  ///< "": the folder's
  std::string image = "host";
  std::string vmms;
  std::string courselab;
  std::string callback_url;
  std::optional<double> timeout_seconds;
  std::optional<double> cpu_seconds;
  std::optional<double> cpus;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> disk_bytes;
  std::optional<std::uint64_t> inodes;
  std::optional<std::uint64_t> file_size_bytes;
  std::optional<std::uint64_t> output_bytes;
  std::optional<std::uint64_t> processes;
  std::optional<std::uint64_t> open_files;
  bool network = false;
  bool wait = false;
  bool json = false;
};

/// Adds the options to `verb`; they are written to `submission` as the line is parsed.
void addSubmissionOptions(CLI::App& verb, Submission& submission);

/// The body of POST /v1/jobs but for its files. Its output's name is new each time, so that a
/// request that is sent twice is one job.
[[nodiscard]] boost::json::object jobRequest(const Submission& submission);

}  // namespace tango::client
