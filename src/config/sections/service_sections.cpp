// [server], [history], [callbacks] and the top of the file: the service itself.
#include "config/sections/sections.hpp"

namespace tango::config {

void addTop(Schema& schema, ServiceConfig& config) {
  schema.sections.push_back(
      {"", {path("data_dir", config.data_folder), name("default_vmms", config.default_vmms)}});
}

void addServer(Schema& schema, ServiceConfig& config) {
  constexpr base::Millis kMin{100};
  http::ServerConfig& server = config.server;
  schema.sections.push_back(
      {"server",
       {name("host", server.host), whole("port", server.port, 0, 65'535),
        path("tls_cert", server.tls_cert), path("tls_key", server.tls_key),
        secrets("keys", config.keys), path("key_file", config.key_file),
        duration("drain", config.drain, base::Millis(0), kDay),
        duration("header_timeout", server.header_timeout, kMin, kDay),
        duration("idle_timeout", server.idle_timeout, kMin, kDay),
        duration("body_timeout", server.body_timeout, kMin, kDay),
        duration("write_timeout", server.write_timeout, kMin, kDay),
        size("header_size_max", server.header_bytes_max, 1024, 1024 * 1024),
        size("body_size_max", server.body_bytes_max, 1024),
        whole("connections_max", server.connections_max, 1, 1'000'000),
        whole("connections_per_client_max", server.connections_per_client_max, 1, 1'000'000)}});
}

void addHistory(Schema& schema, ServiceConfig& config) {
  constexpr std::uint64_t kDaysMax = 36'500;
  History& history = config.history;
  schema.sections.push_back({"history",
                             {whole("days", history.days, 0, kDaysMax),
                              whole("jobs_max", history.jobs_max, 1, 1'000'000'000),
                              whole("listed_jobs_max", history.listed_jobs_max, 0, 1'000'000),
                              whole("unused_files_days", history.unused_files_days, 0, kDaysMax),
                              duration("look_every", history.look_every, kSecond, kDay)}});
}

void addCallbacks(Schema& schema, ServiceConfig& config) {
  notify::NotifierConfig& callbacks = config.callbacks;
  schema.sections.push_back(
      {"callbacks",
       {duration("hold", config.scheduler.callback_hold, base::Millis(0), notify::kHoldMax),
        duration("attempt_timeout", callbacks.attempt_timeout, kSecond, 3600 * kSecond),
        duration("backoff_min", callbacks.backoff_min, base::Millis(100), kDay),
        duration("backoff_max", callbacks.backoff_max, base::Millis(100), kDay),
        duration("give_up_after", callbacks.give_up_after, kSecond, 365 * kDay),
        whole("at_once_max", callbacks.at_once_max, 1, 1'000),
        whole("at_once_per_host_max", callbacks.at_once_per_host_max, 1, 1'000),
        names("allowed_hosts", callbacks.allowed_hosts), path("ca_file", callbacks.ca_file)}});
}

}  // namespace tango::config
