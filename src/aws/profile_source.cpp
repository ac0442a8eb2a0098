#include <utility>

#include "aws/credential_source.hpp"
#include "aws/ini_file.hpp"

namespace tango::aws {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kDefaultProfile = "default";

// What says how credentials are to be had from elsewhere, and what it asks for.
constexpr std::pair<std::string_view, std::string_view> kElsewhere[] = {
    {"role_arn", "a role"},
    {"source_profile", "a role"},
    {"credential_source", "a role"},
    {"web_identity_token_file", "a web identity"},
    {"sso_session", "a single sign-on"},
    {"sso_start_url", "a single sign-on"},
    {"sso_account_id", "a single sign-on"},
    {"credential_process", "a command"},
};

struct Profile {
  std::string name;
  bool named = false;  ///< by the configuration or AWS_PROFILE
  IniFile credentials_file;
  IniFile config_file;
  const IniSection* credentials = nullptr;
  const IniSection* config = nullptr;

  [[nodiscard]] std::string at(const IniFile& file) const {
    return file.path + ", profile " + name;
  }
};

// [profile course] and [profile "course"] alike.
const IniSection* configSection(const IniFile& file, const std::string& profile) {
  for (const std::string& quote : {"", "\"", "'"}) {
    const IniSection* const found = file.section("profile " + quote + profile + quote);
    if (found != nullptr) {
      return found;
    }
  }
  return profile == kDefaultProfile ? file.section(kDefaultProfile) : nullptr;
}

std::string profileName(const CredentialSources& sources) {
  return profileIsConfigured(sources) ? sources.profile : variable(sources, "AWS_PROFILE");
}

// "": there is neither the variable nor a home.
std::string pathOf(const CredentialSources& sources, std::string_view path_variable,
                   const std::string& beneath_home) {
  const std::string home = homeOf(sources);
  const std::string named = variable(sources, path_variable);
  if (!named.empty()) {
    return fromHome(named, home);
  }
  return home.empty() ? "" : home + beneath_home;
}

Result<IniFile> readNamed(const CredentialSources& sources, std::string_view path_variable,
                          const std::string& beneath_home) {
  const std::string path = pathOf(sources, path_variable, beneath_home);
  if (path.empty()) {
    IniFile none;
    none.path = "~" + beneath_home;
    return none;
  }
  return readIniFile(path);
}

Result<Profile> readProfile(const CredentialSources& sources) {
  Profile profile;
  profile.name = profileName(sources);
  profile.named = !profile.name.empty() && profile.name != kDefaultProfile;
  if (profile.name.empty()) {
    profile.name = kDefaultProfile;
  }
  Result<IniFile> credentials =
      readNamed(sources, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
  if (!credentials) {
    return credentials.error();
  }
  Result<IniFile> config = readNamed(sources, "AWS_CONFIG_FILE", "/.aws/config");
  if (!config) {
    return config.error();
  }
  profile.credentials_file = *std::move(credentials);
  profile.config_file = *std::move(config);
  profile.credentials = profile.credentials_file.section(profile.name);
  profile.config = configSection(profile.config_file, profile.name);
  return profile;
}

Result<std::optional<Credentials>> keysOf(const IniSection* section, const std::string& place) {
  static constexpr PartNames kNames = {"aws_access_key_id", "aws_secret_access_key",
                                       "aws_session_token"};
  Credentials parts = {valueOf(section, kNames.id),
                       valueOf(section, kNames.key),
                       valueOf(section, kNames.token),
                       {}};
  if (parts.session_token.empty()) {
    parts.session_token = valueOf(section, "aws_security_token");
  }
  return completed(std::move(parts), kNames, place);
}

// The key of the profile that asks for credentials from elsewhere; a role is asked for also where
// there are keys, since it is them by which it is taken on.
Result<void> checkElsewhere(const Profile& profile, bool has_keys) {
  for (const auto& [section, file] : {std::pair(profile.credentials, &profile.credentials_file),
                                      std::pair(profile.config, &profile.config_file)}) {
    for (const auto& [key, what] : kElsewhere) {
      if (!valueOf(section, key).empty() && (!has_keys || key == "role_arn")) {
        return Error(ErrorKind::kInvalid, profile.at(*file) + ": " + std::string(key) +
                                              " asks for credentials by " + std::string(what) +
                                              ", which Tango cannot do; give it a profile with "
                                              "aws_access_key_id and aws_secret_access_key");
      }
    }
  }
  return {};
}

}  // namespace

Result<Given> fromProfile(const CredentialSources& sources) {
  const Result<Profile> read = readProfile(sources);
  if (!read) {
    return read.error();
  }
  const Profile& profile = *read;
  const std::string both = profile.credentials_file.path + " and " + profile.config_file.path;
  if (profile.named && profile.credentials == nullptr && profile.config == nullptr) {
    return Error(ErrorKind::kInvalid, "there is no profile " + profile.name + " in " + both);
  }
  Given given;
  given.place = both + " (profile " + profile.name + ")";
  for (const auto& [section, file] : {std::pair(profile.credentials, &profile.credentials_file),
                                      std::pair(profile.config, &profile.config_file)}) {
    Result<std::optional<Credentials>> keys = keysOf(section, profile.at(*file));
    if (!keys) {
      return keys.error();
    }
    if (keys->has_value()) {
      given.credentials = *std::move(keys);
      given.place = profile.at(*file);
      given.open_file = file->others_read ? file->path : "";
      break;
    }
  }
  const Result<void> ours = checkElsewhere(profile, given.credentials.has_value());
  if (!ours) {
    return ours.error();
  }
  return given;
}

Result<std::string> regionOfProfile(const CredentialSources& sources) {
  for (const std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    std::string named = variable(sources, name);
    if (!named.empty()) {
      return named;
    }
  }
  const Result<Profile> profile = readProfile(sources);
  if (!profile) {
    return profile.error();
  }
  std::string region = valueOf(profile->credentials, "region");
  return region.empty() ? valueOf(profile->config, "region") : region;
}

}  // namespace tango::aws
