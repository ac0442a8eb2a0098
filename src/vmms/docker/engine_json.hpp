// The engine's answers as our structs. An engine is trusted with its containers, but not to send
// what its documentation says: whatever is missing or of another type is an error, or absent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmms/docker/engine.hpp"

namespace tango::vmms::docker {

/// Of `GET /info`. `cannot_limit` goes by MemoryLimit, SwapLimit, PidsLimit and CpuCfsQuota.
Result<EngineInfo> parseInfo(std::string_view body);
/// Of `GET /containers/json`.
Result<std::vector<ContainerEntry>> parseContainers(std::string_view body);
/// Of `GET /volumes`: their names.
Result<std::vector<std::string>> parseVolumes(std::string_view body);
/// Of `GET /images/json`.
Result<std::vector<ImageEntry>> parseImages(std::string_view body);
/// Of `GET /images/NAME/json`.
Result<ImageDetails> parseImage(std::string_view body);
/// The Id of what was created.
Result<std::string> parseCreated(std::string_view body);
/// Of `POST /images/load`, a stream of JSON objects: what was loaded, or the error told in it.
Result<std::vector<std::string>> parseLoaded(std::string_view body);
/// The engine's own words: the "message" of an error's body, or the body's beginning, in one line.
std::string errorWords(std::string_view body);

}  // namespace tango::vmms::docker
