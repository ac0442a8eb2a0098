#include "aws/credential_source.hpp"

namespace tango::aws {

base::Result<Given> fromEnvironment(const CredentialSources& sources) {
  static constexpr PartNames kNames = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                       "AWS_SESSION_TOKEN"};
  Given given;
  given.place = "the environment";
  base::Result<std::optional<Credentials>> made = completed({variable(sources, kNames.id),
                                                             variable(sources, kNames.key),
                                                             variable(sources, kNames.token),
                                                             {}},
                                                            kNames, given.place);
  if (!made) {
    return made.error();
  }
  given.credentials = *std::move(made);
  return given;
}

}  // namespace tango::aws
