#include <filesystem>

#include "config/document.hpp"
#include "config/keys.hpp"
#include "config/schema.hpp"
#include "config/service_config.hpp"

namespace tango::config {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kFileBytesMax = 1024 * 1024;
// Who has more to mend than this mends these first.
constexpr std::size_t kProblemsMax = 20;

// What no key can see alone.
void checkTogether(const ServiceConfig& config, const std::string& name,
                   std::vector<std::string>& problems) {
  const auto note = [&](bool wrong, const std::string& what) {
    if (wrong) {
      problems.push_back(name + ": " + what);
    }
  };
  note(config.server.tls_cert.empty() != config.server.tls_key.empty(),
       "server.tls_cert and server.tls_key go together: set both, or none");
  note(config.pools.backoff_min > config.pools.backoff_max,
       "pools.backoff_min is above pools.backoff_max");
  note(config.callbacks.backoff_min > config.callbacks.backoff_max,
       "callbacks.backoff_min is above callbacks.backoff_max");
  for (const std::string& what : problemsOf(config.local_docker)) {
    note(true, what);
  }
  for (const std::string& what : problemsOf(config.dist_docker)) {
    note(true, what);
  }
  for (const std::string& what : problemsOf(config.ec2_ssh)) {
    note(true, what);
  }
  for (const std::string& what : problemsOf(config.tashi_ssh)) {
    note(true, what);
  }
}

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (std::size_t at = 0; at < problems.size() && at < kProblemsMax; ++at) {
    text += (text.empty() ? "" : "\n") + problems[at];
  }
  if (problems.size() > kProblemsMax) {
    text += "\nand " + std::to_string(problems.size() - kProblemsMax) + " more problems";
  }
  return text;
}

}  // namespace

Result<ServiceConfig> parseConfig(std::string_view text, const std::string& name) {
  const Result<Table> table = parseToml(text, name);
  if (!table) {
    return table.error();
  }
  ServiceConfig config;
  Schema schema = schemaOf(config);
  std::vector<std::string> problems = readTable(*table, schema, name);
  nameHosts(config.dist_docker);
  checkTogether(config, name, problems);
  if (!problems.empty()) {
    return Error(ErrorKind::kInvalid, joined(problems));
  }
  return config;
}

Result<ServiceConfig> readConfig(const std::string& path, KeyFile keys) {
  const Result<std::string> text = readSmallFile(path, kFileBytesMax);
  if (!text) {
    return text.error();
  }
  Result<ServiceConfig> config = parseConfig(*text, path);
  if (!config || config->key_file.empty() || keys == KeyFile::kLeave) {
    return config;
  }
  const Result<std::vector<std::string>> more = readKeyFile(config->key_file);
  if (!more) {
    return more.error().during(path + ": server.key_file");
  }
  config->keys.insert(config->keys.end(), more->begin(), more->end());
  return config;
}

Result<ServiceConfig> siteConfig(const std::string& path, KeyFile keys) {
  if (!path.empty()) {
    return readConfig(path, keys);
  }
  Result<ServiceConfig> config = readConfig(kSiteConfig, keys);
  std::error_code failure;
  const bool missing = !config && config.error().kind() == ErrorKind::kNotFound &&
                       !std::filesystem::exists(kSiteConfig, failure);
  return missing ? Result<ServiceConfig>(ServiceConfig()) : std::move(config);
}

std::string showConfig(const ServiceConfig& config) {
  ServiceConfig copy = config;
  return showSchema(schemaOf(copy));
}

}  // namespace tango::config
