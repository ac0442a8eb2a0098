// Which source comes first, and what of each is taken.
#include <string>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/aws/looking.hpp"

using namespace tango::test;
using tango::aws::Credentials;

namespace {

std::string keys(const std::string& id, const std::string& more = "") {
  return "aws_access_key_id = " + id + "\naws_secret_access_key = HUSH\n" + more;
}

std::string boto(const std::string& id) {
  return "[Credentials]\n\taws_access_key_id = " + id + "\n\taws_secret_access_key = HUSH\n";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the sources are looked at in the order in which AWS's tools do") {
  Looking full;
  full.sources.access_key_id = "CONFIGURED";
  full.sources.secret_access_key = "HUSH";
  full.sources.environment["AWS_ACCESS_KEY_ID"] = "ENVIRONMENT";
  full.sources.environment["AWS_SECRET_ACCESS_KEY"] = "HUSH";
  full.write(".aws/credentials", "[default]\n" + keys("CREDENTIALS"));
  full.write(".aws/config", "[default]\n" + keys("CONFIG"));
  full.write(".boto", boto("BOTO"));
  CHECK(full.foundId() == "CONFIGURED");
  CHECK(full.chain().source() == "the configuration");

  Looking rest;
  rest.sources.environment = full.sources.environment;
  CHECK(rest.foundId() == "ENVIRONMENT");
  CHECK(rest.chain().source() == "the environment");

  Looking files;
  files.sources.environment["HOME"] = full.home();
  CHECK(files.foundId() == "CREDENTIALS");
  CHECK(files.chain().source() == (full.home() / ".aws/credentials, profile default").string());

  full.write(".aws/credentials", "");
  Looking config;
  config.sources.environment["HOME"] = full.home();
  CHECK(config.foundId() == "CONFIG");
  CHECK(config.chain().source() == (full.home() / ".aws/config, profile default").string());

  full.write(".aws/config", "");
  Looking last;
  last.sources.environment["HOME"] = full.home();
  CHECK(last.foundId() == "BOTO");
  CHECK(last.chain().source() == (full.home() / ".boto, [Credentials]").string());
}

TEST_CASE("where there are no credentials, every place is named that was looked at") {
  Looking looking;
  CHECK(looking.notFound() ==
        "there are no AWS credentials; looked for in: the configuration; the environment; " +
            (looking.home() / ".aws/credentials and ").string() +
            (looking.home() / ".aws/config (profile default); ").string() +
            (looking.home() / ".boto and /etc/boto.cfg; ").string() +
            "the metadata of this instance (AWS_EC2_METADATA_DISABLED is set)");
  CHECK(looking.chain().source().empty());
  CHECK(looking.region().empty());
}

TEST_CASE("a token comes with the credentials of the environment and of a profile") {
  Looking environment;
  environment.sources.environment["AWS_ACCESS_KEY_ID"] = "ID";
  environment.sources.environment["AWS_SECRET_ACCESS_KEY"] = "HUSH";
  environment.sources.environment["AWS_SESSION_TOKEN"] = "TOKEN";
  auto found = environment.find();
  REQUIRE(found.ok());
  CHECK(*found == Credentials{"ID", "HUSH", "TOKEN", {}});

  for (const std::string name : {"aws_session_token", "AWS_SECURITY_TOKEN"}) {
    Looking profile;
    profile.write(".aws/credentials", "[default]\n" + keys("ID", name + " = TOKEN\n"));
    found = profile.find();
    REQUIRE(found.ok());
    CHECK(*found == Credentials{"ID", "HUSH", "TOKEN", {}});
  }
}

TEST_CASE("a token that was left behind is no credentials") {
  Looking looking;
  looking.sources.environment["AWS_SESSION_TOKEN"] = "HUSH";
  looking.write(".boto", boto("BOTO"));
  CHECK(looking.foundId() == "BOTO");
}

TEST_CASE("half of the credentials is refused, with the place and what is missing") {
  Looking configuration;
  configuration.sources.secret_access_key = "HUSH";
  CHECK(configuration.invalid() ==
        "the configuration: access_key_id is missing beside the rest of the credentials");

  Looking environment;
  environment.sources.environment["AWS_ACCESS_KEY_ID"] = "ID";
  CHECK(environment.invalid() ==
        "the environment: AWS_SECRET_ACCESS_KEY is missing beside the rest of the credentials");

  Looking profile;
  profile.write(".aws/credentials", "[default]\naws_secret_access_key = HUSH\n");
  CHECK(has(profile.invalid(), "credentials, profile default: aws_access_key_id is missing"));

  Looking both;
  both.write(".aws/credentials", "[default]\naws_access_key_id = ID\n");
  both.write(".aws/config", "[default]\naws_secret_access_key = HUSH\n");
  CHECK(has(both.invalid(), "credentials, profile default: aws_secret_access_key is missing"));

  Looking in_boto;
  in_boto.write(".boto", "[Credentials]\naws_access_key_id =\naws_secret_access_key = HUSH\n");
  CHECK(has(in_boto.invalid(), ".boto, [Credentials]: aws_access_key_id is missing"));
}

TEST_CASE("characters that would end a header or a scope are refused") {
  for (const std::string id : {"a b", "a/b", "a,b", "a=b", "caf\u00e9"}) {
    Looking looking;
    looking.write(".boto", boto(id));
    CHECK(has(looking.invalid(), ": aws_access_key_id has a character that belongs in none"));
  }
  Looking key;
  key.sources.access_key_id = "ID";
  key.sources.secret_access_key = "HUSH\r\nX-Evil: 1";
  CHECK(has(key.invalid(), ": secret_access_key has a character"));
  Looking token;
  token.write(".aws/credentials", "[default]\n" + keys("ID", "aws_session_token = one\n two\n"));
  CHECK(has(token.invalid(), ": aws_session_token has a character"));
}

TEST_CASE("a profile is named by the environment, or by the configuration") {
  Looking looking;
  looking.write(".aws/credentials",
                "[default]\n" + keys("DEFAULT") + "[course]\n" + keys("COURSE"));
  looking.sources.environment["AWS_PROFILE"] = "course";
  CHECK(looking.foundId() == "COURSE");
  CHECK(has(looking.chain().source(), ".aws/credentials, profile course"));

  Looking configured;
  configured.write(".aws/config",
                   "[default]\n" + keys("DEFAULT") + "[profile two]\n" + keys("COURSE"));
  configured.sources.profile = "two";
  configured.sources.environment["AWS_PROFILE"] = "absent";
  configured.sources.environment["AWS_ACCESS_KEY_ID"] = "ENVIRONMENT";
  configured.sources.environment["AWS_SECRET_ACCESS_KEY"] = "HUSH";
  CHECK(configured.foundId() == "COURSE");
}

TEST_CASE("the configuration's own keys come before the profile that it names") {
  Looking looking;
  looking.sources.access_key_id = "CONFIGURED";
  looking.sources.secret_access_key = "HUSH";
  looking.sources.profile = "absent";
  CHECK(looking.foundId() == "CONFIGURED");
}

TEST_CASE("a profile's name may have blanks and quotes, and default needs no prefix") {
  for (const std::string header :
       {"[profile my course]", "[profile \"my course\"]", "[profile 'my course']"}) {
    Looking looking;
    looking.sources.profile = "my course";
    looking.write(".aws/config", header + "\n" + keys("COURSE"));
    CHECK(looking.foundId() == "COURSE");
  }
  Looking prefixed;
  prefixed.write(".aws/config",
                 "[default]\n" + keys("PLAIN") + "[profile default]\n" + keys("PREFIXED"));
  CHECK(prefixed.foundId() == "PREFIXED");
}

TEST_CASE("a profile that is named and in neither file is refused, whatever comes behind") {
  Looking looking;
  looking.write(".boto", boto("BOTO"));
  looking.write(".aws/config", "[course]\n" + keys("NO_PREFIX"));
  looking.sources.environment["AWS_PROFILE"] = "course";
  CHECK(looking.invalid() == "there is no profile course in " +
                                 (looking.home() / ".aws/credentials").string() + " and " +
                                 (looking.home() / ".aws/config").string());
}

TEST_CASE("a profile without credentials leaves the word to what comes behind") {
  Looking looking;
  looking.write(".boto", boto("BOTO"));
  looking.write(".aws/config", "[profile course]\nregion = eu-west-1\n");
  looking.sources.environment["AWS_PROFILE"] = "course";
  CHECK(looking.foundId() == "BOTO");
  CHECK(looking.region() == "eu-west-1");
}

TEST_CASE("credentials that are to be had from elsewhere are refused with what asks for them") {
  for (const std::string line :
       {"credential_process = /bin/secret HUSH", "source_profile = default", "sso_session = mine",
        "sso_start_url = https://example.org", "sso_account_id = 1",
        "web_identity_token_file = /token", "credential_source = Environment",
        "role_arn = arn:aws:iam::1:role/r"}) {
    Looking looking;
    looking.write(".boto", boto("BOTO"));
    looking.write(".aws/config", "[default]\n" + line + "\n");
    const std::string why = looking.invalid();
    INFO(why);
    CHECK(has(why, ".aws/config, profile default: " + line.substr(0, line.find(' ')) +
                       " asks for credentials by a"));
    CHECK(has(why, "which Tango cannot do"));
  }
}

TEST_CASE("keys beside a command or a sign-on count, but beside a role they are not meant") {
  Looking command;
  command.write(".aws/credentials", "[default]\n" + keys("KEYS"));
  command.write(".aws/config", "[default]\ncredential_process = x\nsso_session = y\n");
  CHECK(command.foundId() == "KEYS");
  Looking role;
  role.write(".aws/credentials", "[default]\n" + keys("KEYS", "role_arn = r\n"));
  CHECK(has(role.invalid(), "role_arn asks for credentials by a role"));
}

TEST_CASE("the environment says where the files are") {
  Looking looking;
  looking.sources.environment["AWS_SHARED_CREDENTIALS_FILE"] = "~/elsewhere/c";
  looking.sources.environment["AWS_CONFIG_FILE"] =
      looking.write("elsewhere/f", "[default]\nregion = us-west-2\n");
  looking.write("elsewhere/c", "[default]\n" + keys("ELSEWHERE"));
  looking.write(".aws/credentials", "[default]\n" + keys("DEFAULT"));
  looking.write(".aws/config", "[default]\nregion = us-east-1\n");
  CHECK(looking.foundId() == "ELSEWHERE");
  CHECK(looking.region() == "us-west-2");

  Looking in_boto;
  in_boto.sources.environment["BOTO_CONFIG"] = in_boto.write("b", boto("OTHER"));
  in_boto.write(".boto", boto("BOTO"));
  CHECK(in_boto.foundId() == "OTHER");
}

TEST_CASE("a file that the environment names and that is not there is a place without any") {
  Looking looking;
  looking.sources.environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
  looking.sources.environment["AWS_CONFIG_FILE"] = "/no/such/folder/config";
  looking.sources.environment["BOTO_CONFIG"] = "~/none";
  looking.write(".boto", boto("BOTO"));
  const std::string why = looking.notFound();
  CHECK(has(why, "; /dev/null and /no/such/folder/config (profile default); "));
  CHECK(has(why, (looking.home() / "none; ").string()));
}

TEST_CASE("without HOME the home is that of our user") {
  Looking looking;
  looking.sources.environment.erase("HOME");
  looking.sources.environment["AWS_SHARED_CREDENTIALS_FILE"] = "~/.no-such-file-of-tango";
  looking.sources.environment["AWS_CONFIG_FILE"] = "/dev/null";
  looking.sources.environment["BOTO_CONFIG"] = "/dev/null";
  CHECK(!has(looking.notFound(), "~"));
}

TEST_CASE("what stands in the place of a file is refused, and nothing waits for it") {
  Looking fifo;
  std::filesystem::create_directories(fifo.home() / ".aws");
  REQUIRE(::mkfifo((fifo.home() / ".aws/credentials").c_str(), 0600) == 0);
  CHECK(fifo.invalid() == (fifo.home() / ".aws/credentials is not a regular file").string());

  Looking folder;
  std::filesystem::create_directories(folder.home() / ".boto");
  CHECK(folder.invalid() == (folder.home() / ".boto is not a regular file").string());

  Looking huge;
  huge.write(".boto", boto("BOTO") + std::string(300'000, '#'));
  CHECK(huge.invalid() ==
        (huge.home() / ".boto is too large to be what it is named after").string());

  Looking endless;
  endless.sources.environment["BOTO_CONFIG"] = "/dev/zero";
  CHECK(endless.invalid() == "/dev/zero is not a regular file");

  Looking loop;
  std::filesystem::create_symlink(".boto", loop.home() / ".boto");
  CHECK(has(loop.invalid(), ".boto cannot be opened: "));
}

TEST_CASE("a malformed file is refused with its line, though others come behind") {
  Looking looking;
  looking.write(".boto", boto("BOTO"));
  looking.write(".aws/credentials", "[default]\n" + keys("ID") + "HUSH\n");
  CHECK(looking.invalid() == (looking.home() / ".aws/credentials, line 4: ").string() +
                                 "neither a section nor `key = value`");
  CHECK(looking.region().empty());
}

TEST_CASE("files from Windows are read") {
  Looking looking;
  looking.write(".aws/credentials",
                "\xef\xbb\xbf[default]\r\naws_access_key_id=ID\r\naws_secret_access_key=KEY\r\n");
  const auto found = looking.find();
  REQUIRE(found.ok());
  CHECK(*found == Credentials{"ID", "KEY", "", {}});
}

TEST_CASE("a region is the environment's, else the profile's, and never a host's name") {
  Looking looking;
  looking.write(".aws/config",
                "[default]\nregion = us-east-1\n[profile other]\nregion = eu-west-3\n");
  CHECK(looking.region() == "us-east-1");

  Looking credentials;
  credentials.write(".aws/credentials", "[default]\nregion = us-west-1\n");
  credentials.write(".aws/config", "[default]\nregion = us-east-1\n");
  CHECK(credentials.region() == "us-west-1");

  Looking environment;
  environment.sources.environment["AWS_DEFAULT_REGION"] = "ap-south-1";
  CHECK(environment.region() == "ap-south-1");
  Looking first;
  first.sources.environment = {{"AWS_DEFAULT_REGION", "ap-south-1"}, {"AWS_REGION", "sa-east-1"}};
  CHECK(first.region() == "sa-east-1");

  for (const std::string odd : {"evil.example.org/", "us east", "US-EAST-1", "a@b", "caf\u00e9"}) {
    Looking none;
    none.sources.environment["AWS_REGION"] = odd;
    CHECK(none.region().empty());
  }
}

TEST_CASE("what was found is kept until AWS refuses it") {
  Looking looking;
  looking.write(".boto", boto("ONE"));
  CHECK(looking.foundId() == "ONE");
  looking.write(".boto", boto("TWO"));
  looking.now_ms += 1'000'000'000'000;
  CHECK(looking.foundId() == "ONE");
  looking.chain().refused();
  CHECK(looking.foundId() == "TWO");
}
