#include "unit/aws/metadata_service.hpp"

#include <algorithm>

namespace tango::test {
namespace {

const std::string kRoles = "/latest/meta-data/iam/security-credentials/";

std::string pathOf(const Asked& asked) {
  const std::size_t begin = asked.head.find(' ') + 1;
  return asked.head.substr(begin, asked.head.find(' ', begin) - begin);
}

}  // namespace

MetadataService::MetadataService() : server_([this](Peer& peer) { serve(peer); }) {}

void MetadataService::setRole(const std::string& id, const std::string& expires) {
  setRoleAnswer(R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":")" + id +
                R"(","SecretAccessKey":"HUSH","Token":"token","Expiration":")" + expires + "\"}");
}

void MetadataService::setRoleAnswer(const std::string& body) {
  const std::lock_guard lock(mutex_);
  role_answer_ = body;
}

void MetadataService::setRoleNames(const std::string& names) {
  const std::lock_guard lock(mutex_);
  role_names_ = names;
}

void MetadataService::setRegion(const std::string& region) {
  const std::lock_guard lock(mutex_);
  region_ = region;
}

void MetadataService::setToken(const std::string& token) {
  const std::lock_guard lock(mutex_);
  token_ = token;
}

void MetadataService::refuse(const std::string& path_end, const std::string& status, int times) {
  const std::lock_guard lock(mutex_);
  refusals_[path_end] = {status, times};
}

void MetadataService::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void MetadataService::letGo() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  released_.notify_all();
}

std::size_t MetadataService::asked(const std::string& path_end) {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(paths_.begin(), paths_.end(),
                    [&path_end](const std::string& path) { return path.ends_with(path_end); }));
}

void MetadataService::serve(Peer& peer) {
  for (Asked asked = peer.read(); !asked.head.empty(); asked = peer.read()) {
    std::unique_lock lock(mutex_);
    paths_.push_back(pathOf(asked));
    released_.wait(lock, [this] { return !held_; });
    answer(peer, asked);
  }
}

void MetadataService::answer(Peer& peer, const Asked& asked) {
  const std::string path = pathOf(asked);
  const std::string refusal = refusalOf(path);
  if (!refusal.empty()) {
    peer.answer(refusal, "<html>HUSH</html>");
  } else if (path == "/latest/api/token") {
    const bool good = asked.head.starts_with("PUT ") &&
                      !asked.header("X-aws-ec2-metadata-token-ttl-seconds").empty();
    peer.answer(good ? "200 OK" : "400 Bad Request", good ? token_ : "");
  } else if (!asked.head.starts_with("GET ") ||
             asked.header("X-aws-ec2-metadata-token") != token_) {
    peer.answer("401 Unauthorized");
  } else {
    const std::string body = bodyOf(path);
    peer.answer(body.empty() ? "404 Not Found" : "200 OK", body);
  }
}

std::string MetadataService::refusalOf(const std::string& path) {
  for (auto& [path_end, refusal] : refusals_) {
    if (path.ends_with(path_end) && refusal.times > 0) {
      --refusal.times;
      return refusal.status;
    }
  }
  return "";
}

std::string MetadataService::bodyOf(const std::string& path) {
  if (path == kRoles) {
    return role_names_;
  }
  if (path == kRoles + role_names_.substr(0, role_names_.find('\n'))) {
    return role_answer_;
  }
  return path == "/latest/meta-data/placement/region" ? region_ : "";
}

}  // namespace tango::test
