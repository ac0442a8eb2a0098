#include "images/docker_archive.hpp"

#include <algorithm>
#include <string_view>

#include <boost/json.hpp>

#include "images/image_info.hpp"
#include "images/small_file.hpp"

namespace tango::images {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;

constexpr std::size_t kLayersMax = 1024;
constexpr int kIndexDepthMax = 4;  // an OCI index may list indices

Error malformed(std::string_view what) {
  return {ErrorKind::kInvalid, "the container image is malformed: " + std::string(what)};
}

Result<json::value> readJson(const ReadMember& read_member, const std::string& path) {
  const Result<std::string> text = read_member(path);
  if (!text) {
    return text.error();
  }
  json::error_code failure;
  json::value value = json::parse(*text, failure);
  if (failure) {
    return malformed(path + " is not JSON");
  }
  return value;
}

/// The member `key` of an object, or null if `value` is none or has none.
const json::value* member(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr
                           : object->if_contains(json::string_view(key.data(), key.size()));
}

std::string textOf(const json::value* value) {
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

const json::array* arrayOf(const json::value* value) {
  return value == nullptr ? nullptr : value->if_array();
}

/// Fills in what the image's own configuration says.
Result<void> readConfig(const ReadMember& read_member, const std::string& path,
                        DockerArchive& archive) {
  const Result<json::value> config = readJson(read_member, path);
  if (!config) {
    return config.error();
  }
  archive.architecture = textOf(member(*config, "architecture"));
  const std::string system = textOf(member(*config, "os"));
  if (archive.architecture != hostArchitecture() || (!system.empty() && system != "linux")) {
    return Error(ErrorKind::kUnsupported, "the container image is for " + system + "/" +
                                              archive.architecture +
                                              ", and this machine is linux/" + hostArchitecture());
  }
  const json::value* settings = member(*config, "config");
  const json::array* environment =
      settings == nullptr ? nullptr : arrayOf(member(*settings, "Env"));
  if (environment != nullptr) {
    for (const json::value& item : *environment) {
      const std::string setting = textOf(&item);
      if (setting.find('=') == std::string::npos || setting.find('\0') != std::string::npos) {
        return malformed("its environment has an entry that is not NAME=value");
      }
      archive.environment.push_back(setting);
    }
  }
  return {};
}

bool looksLikeManifest(const json::value& manifest) {
  const json::array* images = manifest.if_array();
  return images != nullptr && !images->empty() && member(images->front(), "Layers") != nullptr;
}

Result<DockerArchive> fromManifest(const ReadMember& read_member, const json::array& images) {
  if (images.size() != 1) {
    return Error(ErrorKind::kInvalid,
                 "it holds " + std::to_string(images.size()) + " images: save exactly one");
  }
  const json::array* layers = arrayOf(member(images.front(), "Layers"));
  if (layers == nullptr || layers->size() > kLayersMax) {
    return malformed("its list of layers");
  }
  DockerArchive archive;
  for (const json::value& layer : *layers) {
    archive.layers.push_back(textOf(&layer));
  }
  archive.config = textOf(member(images.front(), "Config"));
  const Result<void> read = readConfig(read_member, archive.config, archive);
  if (!read) {
    return read.error();
  }
  return archive;
}

/// "sha256:HEX" as the path of its blob.
Result<std::string> blobOf(const json::value& descriptor) {
  const std::string digest = textOf(member(descriptor, "digest"));
  const std::size_t colon = digest.find(':');
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':';
  };
  if (colon == std::string::npos || !std::all_of(digest.begin(), digest.end(), plain)) {
    return malformed("a digest is not ALGORITHM:HEX");
  }
  return "blobs/" + digest.substr(0, colon) + "/" + digest.substr(colon + 1);
}

/// Whether an index's entry can be what is wanted. Attestations say "unknown"; who says nothing is
/// looked at.
bool fitsHost(const json::value& descriptor) {
  const json::value* platform = member(descriptor, "platform");
  if (platform == nullptr) {
    return true;
  }
  return textOf(member(*platform, "architecture")) == hostArchitecture() &&
         textOf(member(*platform, "os")) == "linux";
}

/// The one image that an index leads to.
Result<json::value> findOciImage(const ReadMember& read_member, json::value index) {
  for (int depth = 0; depth < kIndexDepthMax; ++depth) {
    const json::array* entries = arrayOf(member(index, "manifests"));
    if (entries == nullptr) {
      return index;  // not an index but the image's manifest
    }
    std::vector<const json::value*> fitting;
    for (const json::value& entry : *entries) {
      if (fitsHost(entry)) {
        fitting.push_back(&entry);
      }
    }
    if (fitting.size() != 1) {
      return Error(ErrorKind::kInvalid, "it holds " + std::to_string(fitting.size()) +
                                            " images for linux/" + hostArchitecture() +
                                            ": save exactly one");
    }
    const Result<std::string> blob = blobOf(*fitting.front());
    if (!blob) {
      return blob.error();
    }
    Result<json::value> next = readJson(read_member, *blob);
    if (!next) {
      return next.error();
    }
    index = std::move(*next);
  }
  return malformed("its index leads to indices only");
}

Result<DockerArchive> fromOciLayout(const ReadMember& read_member) {
  Result<json::value> index = readJson(read_member, "index.json");
  if (!index) {
    return index.error();
  }
  const Result<json::value> image = findOciImage(read_member, std::move(*index));
  if (!image) {
    return image.error();
  }
  const json::array* layers = arrayOf(member(*image, "layers"));
  const json::value* config = member(*image, "config");
  if (layers == nullptr || layers->size() > kLayersMax || config == nullptr) {
    return malformed("its manifest has no layers or no config");
  }
  DockerArchive archive;
  for (const json::value& layer : *layers) {
    const Result<std::string> blob = blobOf(layer);
    if (!blob) {
      return blob.error();
    }
    archive.layers.push_back(*blob);
  }
  const Result<std::string> config_blob = blobOf(*config);
  if (!config_blob) {
    return config_blob.error();
  }
  archive.config = *config_blob;
  const Result<void> read = readConfig(read_member, archive.config, archive);
  if (!read) {
    return read.error();
  }
  return archive;
}

}  // namespace

Result<std::optional<DockerArchive>> readDockerArchive(const ReadMember& read_member) {
  Result<DockerArchive> archive = DockerArchive();
  // A root file system may have a manifest.json of its own: Docker's is known by its layers.
  const Result<json::value> manifest = readJson(read_member, "manifest.json");
  if (manifest && looksLikeManifest(*manifest)) {
    archive = fromManifest(read_member, manifest->get_array());
  } else if (read_member("oci-layout") && read_member("index.json")) {
    archive = fromOciLayout(read_member);
  } else {
    return std::optional<DockerArchive>();
  }
  if (!archive) {
    return archive.error();
  }
  return std::optional(std::move(*archive));
}

Result<std::optional<DockerArchive>> readDockerArchive(int folder_fd) {
  return readDockerArchive(
      [folder_fd](const std::string& path) { return readSmallFile(folder_fd, path); });
}

}  // namespace tango::images
