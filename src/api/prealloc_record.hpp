// What a client asked to be kept ready, as the store keeps it over a restart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "pool/vm_source.hpp"

namespace tango::api {

struct PreallocRecord {
  pool::PoolKey key;
  std::uint64_t vms = 0;
};

/// Key and value for JobStore::setPreallocation.
[[nodiscard]] std::pair<std::string, std::string> encodePrealloc(const PreallocRecord& record);

/// The other way; nothing if it is not what encodePrealloc wrote.
[[nodiscard]] std::optional<PreallocRecord> decodePrealloc(const std::string& key,
                                                           const std::string& value);

}  // namespace tango::api
