// The hosts of VMMSs that have some, and the images on them.
#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/v1/capacity_json.hpp"
#include "api/v1/exchange.hpp"
#include "api/v1/handlers.hpp"
#include "api/v1/json_fields.hpp"
#include "base/utf8.hpp"

namespace tango::api::v1 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::size_t kNameBytesMax = 4096;
using ImagesByHost = std::vector<std::pair<std::string, std::vector<std::string>>>;

value textOrNull(const std::string& text) {
  return text.empty() ? value(nullptr) : value(base::replaceInvalidUtf8(text));
}

array textsJson(const std::vector<std::string>& texts) {
  array list;
  for (const std::string& text : texts) {
    list.emplace_back(base::replaceInvalidUtf8(text));
  }
  return list;
}

object hostJson(const std::string& vmms, const vmms::HostView& host) {
  const bool away = !host.trouble.empty();
  return {{"vmms", vmms},
          {"name", base::replaceInvalidUtf8(host.name)},
          {"address", base::replaceInvalidUtf8(host.address)},
          {"labels", textsJson(host.labels)},
          {"version", textOrNull(host.version)},
          {"capacity", capacityJson(host.capacity)},
          {"used", usedJson(host.used)},
          {"draining", host.draining},
          {"trouble", textOrNull(host.trouble)},
          {"retry_in_ms", away ? value(host.retry_in.count()) : value(nullptr)}};
}

struct Found {
  std::string vmms;
  vmms::Hosts* hosts = nullptr;
  vmms::HostView view;
};

/// The host of that name; of `vmms`, unless that is "". kNotFound, or kInvalid: there are several.
Result<Found> findHost(const Service& service, const std::string& vmms, const std::string& name) {
  std::optional<Found> found;
  for (const auto& [each, backend] : service.registry.backends) {
    if (backend.hosts == nullptr || (!vmms.empty() && each != vmms)) {
      continue;
    }
    for (vmms::HostView& host : backend.hosts->hosts()) {
      if (host.name == name && found) {
        return Error(
            ErrorKind::kInvalid,
            found->vmms + " and " + each + " both have a host of this name: say which with vmms");
      }
      if (host.name == name) {
        found = Found{each, backend.hosts, std::move(host)};
      }
    }
  }
  if (!found) {
    return Error(ErrorKind::kNotFound,
                 (vmms.empty() ? std::string("there") : vmms) + " is no host '" + name + "'");
  }
  return *std::move(found);
}

struct HostRequest {
  std::string vmms;
  std::string name;
  bool draining = false;
};

OrProblem<HostRequest> readHost(const value& document) {
  std::optional<Problem> problem;
  JsonFields fields(document, "", problem);
  HostRequest wanted;
  wanted.name = fields.requiredText("name", 1, kNameBytesMax);
  wanted.vmms = fields.text("vmms", 1, kNameBytesMax).value_or("");
  const std::optional<bool> draining = fields.boolean("draining");
  if (!draining) {
    fields.fail("draining", "is missing");
  }
  wanted.draining = draining.value_or(false);
  fields.finish();
  if (problem) {
    return *std::move(problem);
  }
  return wanted;
}

Response hostRefused(const Error& error) {
  Problem problem = badField("name", error.message());
  problem.status = 422;
  return answer(std::move(problem));
}

/// With null for the hosts where the VMMS has but this machine.
awaitable<Result<array>> imagesOf(std::string vmms, vmms::Backend backend) {
  array list;
  if (backend.hosts != nullptr) {
    const Result<ImagesByHost> images = co_await backend.hosts->imagesByHost();
    if (!images) {
      co_return images.error();
    }
    for (const auto& [name, hosts] : *images) {
      list.push_back(object{
          {"vmms", vmms}, {"name", base::replaceInvalidUtf8(name)}, {"hosts", textsJson(hosts)}});
    }
    co_return list;
  }
  const Result<std::vector<std::string>> names = co_await backend.images->getImages();
  if (!names) {
    co_return names.error();
  }
  for (const std::string& name : *names) {
    list.push_back(
        object{{"vmms", vmms}, {"name", base::replaceInvalidUtf8(name)}, {"hosts", nullptr}});
  }
  co_return list;
}

}  // namespace

awaitable<Response> listHosts(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  array list;
  for (const auto& [vmms, backend] : service.registry.backends) {
    if (backend.hosts != nullptr) {
      for (const vmms::HostView& host : backend.hosts->hosts()) {
        list.push_back(hostJson(vmms, host));
      }
    }
  }
  co_return answer(200, object{{"hosts", std::move(list)}});
}

awaitable<Response> setHost(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  OrProblem<value> document = co_await readJson(request);
  if (auto* problem = std::get_if<Problem>(&document)) {
    co_return answer(std::move(*problem));
  }
  OrProblem<HostRequest> read = readHost(std::get<value>(document));
  if (auto* problem = std::get_if<Problem>(&read)) {
    co_return answer(std::move(*problem));
  }
  const HostRequest wanted = std::get<HostRequest>(read);
  const Result<Found> found = findHost(service, wanted.vmms, wanted.name);
  if (!found) {
    co_return hostRefused(found.error());
  }
  if (const Result<void> set = found->hosts->drainHost(wanted.name, wanted.draining); !set) {
    co_return hostRefused(set.error());
  }
  const Result<Found> now = findHost(service, found->vmms, wanted.name);
  co_return now ? answer(200, hostJson(now->vmms, now->view)) : hostRefused(now.error());
}

// A VMMS that is in trouble hides no other one's.
awaitable<Response> listImages(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  array list;
  array unknown;
  for (const auto& [vmms, backend] : service.registry.backends) {
    if (backend.images == nullptr) {
      continue;
    }
    Result<array> images = co_await imagesOf(vmms, backend);
    if (images) {
      list.insert(list.end(), images->begin(), images->end());
    } else {
      unknown.push_back(
          object{{"vmms", vmms}, {"reason", base::replaceInvalidUtf8(images.error().message())}});
    }
  }
  co_return answer(200, object{{"images", std::move(list)}, {"unknown", std::move(unknown)}});
}

}  // namespace tango::api::v1
