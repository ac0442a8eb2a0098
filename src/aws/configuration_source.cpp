#include "aws/credential_source.hpp"

namespace tango::aws {

base::Result<Given> fromConfiguration(const CredentialSources& sources) {
  Given given;
  given.place = "the configuration";
  base::Result<std::optional<Credentials>> made =
      completed({sources.access_key_id, sources.secret_access_key, "", {}},
                {"access_key_id", "secret_access_key"}, given.place);
  if (!made) {
    return made.error();
  }
  given.credentials = *std::move(made);
  return given;
}

}  // namespace tango::aws
