// What a Docker engine answers, in every place where an answer is read.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "vmms/docker/engine_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  namespace docker = tango::vmms::docker;
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  const auto info = docker::parseInfo(body);
  TANGO_ASSERT(!info || (info->cores > 0 && info->memory_bytes > 0), "a host without anything");
  static_cast<void>(docker::parseContainers(body).ok());
  static_cast<void>(docker::parseVolumes(body).ok());
  static_cast<void>(docker::parseImages(body).ok());
  const auto image = docker::parseImage(body);
  TANGO_ASSERT(!image || !image->id.empty(), "an image without an id");
  const auto created = docker::parseCreated(body);
  TANGO_ASSERT(!created || !created->empty(), "a container without an id");
  static_cast<void>(docker::parseLoaded(body).ok());
  const std::string words = docker::errorWords(body);
  TANGO_ASSERT(
      std::none_of(words.begin(), words.end(), tango::base::isControl) && words.size() <= 503,
      "words that are no line");
  return 0;
}
