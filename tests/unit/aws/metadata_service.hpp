// What EC2's instances see at 169.254.169.254, on loopback: IMDSv2, which gives nothing without a
// token, and a role whose credentials a test changes.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "unit/http/scripted_server.hpp"

namespace tango::test {

class MetadataService {
 public:
  MetadataService();
  ~MetadataService() { letGo(); }

  /// As AWS_EC2_METADATA_SERVICE_ENDPOINT has it.
  [[nodiscard]] std::string endpoint() const { return server_.url(""); }

  /// Credentials of that id, good until `expires` ("2026-11-24T16:31:48Z").
  void setRole(const std::string& id, const std::string& expires);
  void setRoleAnswer(const std::string& body);
  void setRoleNames(const std::string& names);
  void setRegion(const std::string& region);
  void setToken(const std::string& token);
  /// Answers of that status, to so many of the next requests for a path that ends so.
  void refuse(const std::string& path_end, const std::string& status, int times = 1'000'000);
  /// Requests wait until they are let go.
  void hold();
  void letGo();

  /// Requests so far for a path that ends so.
  [[nodiscard]] std::size_t asked(const std::string& path_end);

 private:
  struct Refusal {
    std::string status;
    int times = 0;
  };
  void serve(Peer& peer);
  void answer(Peer& peer, const Asked& asked);
  std::string refusalOf(const std::string& path);
  std::string bodyOf(const std::string& path);

  std::mutex mutex_;
  std::condition_variable released_;
  bool held_ = false;
  std::string token_ = "AQAEAexampletoken==";
  std::string role_names_ = "grader";
  std::string role_answer_;
  std::string region_ = "eu-north-1";
  std::map<std::string, Refusal> refusals_;
  std::vector<std::string> paths_;
  ScriptedServer server_;
};

}  // namespace tango::test
