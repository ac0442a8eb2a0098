#include "vmms/docker/engine_json.hpp"

#include <algorithm>
#include <array>

#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>

#include "base/ascii.hpp"

namespace tango::vmms::docker {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;

constexpr std::size_t kWordsMax = 500;

Error notAsDocumented(const char* what) {
  return {ErrorKind::kSystem, std::string("the engine's answer has no ") + what};
}

Result<json::value> parsed(std::string_view body) {
  boost::system::error_code failure;
  json::value value = json::parse(body, failure);
  if (failure) {
    return Error(ErrorKind::kSystem, "the engine's answer is not JSON: " + failure.message());
  }
  return value;
}

const json::value* member(const json::object& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &found->value();
}

std::string text(const json::object& object, std::string_view key) {
  const json::value* const value = member(object, key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::uint64_t number(const json::object& object, std::string_view key) {
  const json::value* const value = member(object, key);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) {
    return 0;
  }
  return static_cast<std::uint64_t>(value->get_int64());
}

// An engine that leaves it out knows of no trouble with it (Podman does).
bool saysNo(const json::object& object, std::string_view key) {
  const json::value* const value = member(object, key);
  return value != nullptr && value->is_bool() && !value->get_bool();
}

std::vector<std::string> texts(const json::object& object, std::string_view key) {
  std::vector<std::string> all;
  const json::value* const value = member(object, key);
  if (value != nullptr && value->is_array()) {
    for (const json::value& each : value->get_array()) {
      if (each.is_string()) {
        all.emplace_back(each.get_string());
      }
    }
  }
  return all;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const json::object& object, std::string_view key) {
  Pairs all;
  const json::value* const value = member(object, key);
  if (value != nullptr && value->is_object()) {
    for (const auto& [name, each] : value->get_object()) {
      if (each.is_string()) {
        all.emplace_back(name, each.get_string());
      }
    }
  }
  return all;
}

/// The entries of an answer that is an array of objects.
template <class Entry, class Read>
Result<std::vector<Entry>> listOf(std::string_view body, const char* what, Read read) {
  const Result<json::value> value = parsed(body);
  if (!value) {
    return value.error();
  }
  if (!value->is_array()) {
    return notAsDocumented(what);
  }
  std::vector<Entry> all;
  for (const json::value& each : value->get_array()) {
    if (each.is_object()) {
      all.push_back(read(each.get_object()));
    }
  }
  return all;
}

Result<json::object> objectOf(std::string_view body, const char* what) {
  Result<json::value> value = parsed(body);
  if (!value) {
    return value.error();
  }
  if (!value->is_object()) {
    return notAsDocumented(what);
  }
  return std::move(value->get_object());
}

// As uname -m has it; Podman says it as Go does.
std::string machineName(const std::string& architecture) {
  return architecture == "amd64" ? "x86_64" : architecture == "arm64" ? "aarch64" : architecture;
}

// "Loaded image: NAME:TAG" or "Loaded image ID: sha256:...".
void takeLoaded(std::string_view line, std::vector<std::string>& loaded) {
  for (const std::string_view prefix : {"Loaded image ID: ", "Loaded image: "}) {
    if (line.starts_with(prefix)) {
      std::string_view name = line.substr(prefix.size());
      name = name.substr(0, name.find_first_of("\r\n"));
      loaded.emplace_back(name);
      return;
    }
  }
}

}  // namespace

std::string errorWords(std::string_view body) {
  boost::system::error_code failure;
  const json::value value = json::parse(body, failure);
  std::string words(body);
  if (!failure && value.is_object()) {
    const std::string message = text(value.get_object(), "message");
    words = message.empty() ? words : message;
  }
  std::replace_if(words.begin(), words.end(), base::isControl, ' ');
  if (words.size() > kWordsMax) {
    words = words.substr(0, kWordsMax) + "...";
  }
  const std::size_t end = words.find_last_not_of(' ');
  return words.substr(0, end == std::string::npos ? 0 : end + 1);
}

Result<EngineInfo> parseInfo(std::string_view body) {
  const Result<json::object> answer = objectOf(body, "information");
  if (!answer) {
    return answer.error();
  }
  EngineInfo info;
  info.name = text(*answer, "Name");
  info.version = text(*answer, "ServerVersion");
  info.architecture = machineName(text(*answer, "Architecture"));
  info.cores = number(*answer, "NCPU");
  info.memory_bytes = number(*answer, "MemTotal");
  if (info.cores == 0 || info.memory_bytes == 0) {
    return notAsDocumented("NCPU or MemTotal");
  }
  constexpr std::array kLimits = {
      std::pair("MemoryLimit", "memory"), std::pair("SwapLimit", "swap"),
      std::pair("PidsLimit", "processes"), std::pair("CpuCfsQuota", "processor time")};
  for (const auto& [key, limit] : kLimits) {
    if (info.cannot_limit.empty() && saysNo(*answer, key)) {
      info.cannot_limit = limit;
    }
  }
  return info;
}

Result<std::vector<ContainerEntry>> parseContainers(std::string_view body) {
  return listOf<ContainerEntry>(body, "list of containers", [](const json::object& each) {
    return ContainerEntry{text(each, "Id"), text(each, "ImageID"), pairs(each, "Labels"),
                          text(each, "State") == "running"};
  });
}

Result<std::vector<std::string>> parseVolumes(std::string_view body) {
  const Result<json::object> answer = objectOf(body, "list of volumes");
  if (!answer) {
    return answer.error();
  }
  std::vector<std::string> names;
  const json::value* const volumes = member(*answer, "Volumes");
  if (volumes != nullptr && volumes->is_array()) {
    for (const json::value& each : volumes->get_array()) {
      if (each.is_object() && !text(each.get_object(), "Name").empty()) {
        names.push_back(text(each.get_object(), "Name"));
      }
    }
  }
  return names;
}

Result<std::vector<ImageEntry>> parseImages(std::string_view body) {
  return listOf<ImageEntry>(body, "list of images", [](const json::object& each) {
    ImageEntry image{text(each, "Id"), texts(each, "RepoTags"), pairs(each, "Labels")};
    std::erase(image.tags, "<none>:<none>");  // how older engines say that there is none
    return image;
  });
}

Result<ImageDetails> parseImage(std::string_view body) {
  const Result<json::object> answer = objectOf(body, "image");
  if (!answer) {
    return answer.error();
  }
  ImageDetails image;
  image.id = text(*answer, "Id");
  image.architecture = text(*answer, "Architecture");
  image.os = text(*answer, "Os");
  image.tags = texts(*answer, "RepoTags");
  const json::value* const config = member(*answer, "Config");
  if (config != nullptr && config->is_object()) {
    image.environment = texts(config->get_object(), "Env");
    const json::value* const volumes = member(config->get_object(), "Volumes");
    if (volumes != nullptr && volumes->is_object()) {
      for (const auto& [folder, nothing] : volumes->get_object()) {
        image.volumes.emplace_back(folder);
      }
    }
  }
  return image.id.empty() ? Result<ImageDetails>(notAsDocumented("image's Id")) : image;
}

Result<std::string> parseCreated(std::string_view body) {
  const Result<json::object> answer = objectOf(body, "Id");
  if (!answer) {
    return answer.error();
  }
  std::string id = text(*answer, "Id");
  return id.empty() ? Result<std::string>(notAsDocumented("Id")) : id;
}

Result<std::vector<std::string>> parseLoaded(std::string_view body) {
  std::vector<std::string> loaded;
  while (body.find_first_not_of(" \r\n\t") != std::string_view::npos) {
    json::stream_parser parser;
    boost::system::error_code failure;
    const std::size_t used = parser.write_some(body.data(), body.size(), failure);
    if (failure || !parser.done()) {
      return Error(ErrorKind::kSystem, "the engine's answer is not JSON");
    }
    body.remove_prefix(used);
    const json::value value = parser.release();
    if (!value.is_object()) {
      return notAsDocumented("progress of loading");
    }
    const std::string error = text(value.get_object(), "error");
    if (!error.empty()) {
      return Error(ErrorKind::kInvalid, errorWords(error));
    }
    takeLoaded(text(value.get_object(), "stream"), loaded);
  }
  return loaded;
}

}  // namespace tango::vmms::docker
