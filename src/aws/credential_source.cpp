#include "aws/credential_source.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <pwd.h>
#include <unistd.h>

namespace tango::aws {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Of what is sent in a header: ASCII that can be seen.
bool isPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char each) { return each > ' ' && each < 0x7f; });
}

// An id is a part of the header's own syntax besides.
bool isId(std::string_view text) {
  return isPlain(text) && text.find_first_of("/,=") == std::string_view::npos;
}

Error wrong(const std::string& place, const std::string& what) {
  return {ErrorKind::kInvalid, place + ": " + what};
}

std::string homeOfUser() {
  std::array<char, 16 * 1024> room{};
  struct passwd entry{};
  struct passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, room.data(), room.size(), &found) != 0 || found == nullptr ||
      found->pw_dir == nullptr) {
    return "";
  }
  return found->pw_dir;
}

}  // namespace

Result<std::optional<Credentials>> completed(Credentials parts, const PartNames& names,
                                             const std::string& place) {
  const bool has_id = !parts.access_key_id.empty();
  const bool has_key = !parts.secret_access_key.empty();
  if (!has_id && !has_key) {
    return std::optional<Credentials>();
  }
  for (const auto& [has, name] : {std::pair(has_id, names.id), std::pair(has_key, names.key)}) {
    if (!has) {
      return wrong(place, std::string(name) + " is missing beside the rest of the credentials");
    }
  }
  for (const auto& [good, name] : {std::pair(isId(parts.access_key_id), names.id),
                                   std::pair(isPlain(parts.secret_access_key), names.key),
                                   std::pair(isPlain(parts.session_token), names.token)}) {
    if (!good) {
      return wrong(place, std::string(name) + " has a character that belongs in none");
    }
  }
  return std::optional(std::move(parts));
}

std::string variable(const CredentialSources& sources, std::string_view name) {
  const auto found = sources.environment.find(std::string(name));
  return found == sources.environment.end() ? "" : found->second;
}

std::string homeOf(const CredentialSources& sources) {
  std::string home = variable(sources, "HOME");
  return home.empty() ? homeOfUser() : home;
}

std::string fromHome(const std::string& path, const std::string& home) {
  return path.starts_with("~/") && !home.empty() ? home + path.substr(1) : path;
}

bool profileIsConfigured(const CredentialSources& sources) {
  return !sources.profile.empty();
}

}  // namespace tango::aws
