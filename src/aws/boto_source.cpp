#include <utility>
#include <vector>

#include "aws/credential_source.hpp"
#include "aws/ini_file.hpp"

namespace tango::aws {
namespace {

using base::Result;

// In the order in which they count; with BOTO_CONFIG, boto reads nothing else.
std::vector<std::string> botoFiles(const CredentialSources& sources) {
  const std::string home = homeOf(sources);
  const std::string named = variable(sources, "BOTO_CONFIG");
  if (!named.empty()) {
    return {fromHome(named, home)};
  }
  std::vector<std::string> files;
  if (!home.empty()) {
    files.push_back(home + "/.boto");
  }
  files.emplace_back("/etc/boto.cfg");
  return files;
}

}  // namespace

Result<Given> fromBoto(const CredentialSources& sources) {
  static constexpr std::string_view kSection = "Credentials";
  static constexpr PartNames kNames = {"aws_access_key_id", "aws_secret_access_key",
                                       "aws_security_token"};
  Given given;
  for (const std::string& path : botoFiles(sources)) {
    const Result<IniFile> file = readIniFile(path);
    if (!file) {
      return file.error();
    }
    const std::string place = path + ", [" + std::string(kSection) + "]";
    const IniSection* const section = file->section(kSection);
    Result<std::optional<Credentials>> made = completed({valueOf(section, kNames.id),
                                                         valueOf(section, kNames.key),
                                                         valueOf(section, kNames.token),
                                                         {}},
                                                        kNames, place);
    if (!made) {
      return made.error();
    }
    if (made->has_value()) {
      return Given{*std::move(made), place, file->others_read ? path : ""};
    }
    given.place += (given.place.empty() ? "" : " and ") + path;
  }
  return given;
}

}  // namespace tango::aws
