#include "vmms/remote/known_hosts.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"

using namespace tango::vmms::remote;
using Keys = std::vector<std::string>;

TEST_CASE("the keys of a known hosts file are its types and keys, without names and comments") {
  CHECK(keysIn("tango-machine ssh-ed25519 AAAA\nother ssh-rsa BBBB a comment\n") ==
        Keys{"ssh-ed25519 AAAA", "ssh-rsa BBBB"});
}

TEST_CASE("what is no plain key in a known hosts file is passed over") {
  CHECK(keysIn("").empty());
  CHECK(keysIn("\n \n# a comment with words\n@revoked * ssh-rsa AAAA\nname ssh-rsa\n").empty());
  CHECK(keysIn(std::string("\0\xff\0 a\n", 6)).empty());
}

TEST_CASE("a file that is not there has no keys") {
  const tango::test::TempFolder folder;
  CHECK(keysOfFile(folder.path() / "none").empty());
  CHECK(keysOfFile(folder.write("one", "m ssh-ed25519 AAAA\n")) == Keys{"ssh-ed25519 AAAA"});
}

TEST_CASE("a console confirms a key that it shows, whatever its comment") {
  const Keys met = {"ssh-ed25519 AAAA"};
  CHECK(witness(met, {"ssh-rsa BBBB root@host", "ssh-ed25519 AAAA root@host"}) ==
        Witness::kConfirms);
}

TEST_CASE("a console that shows another key of the type contradicts it") {
  CHECK(witness({"ssh-ed25519 AAAA"}, {"ssh-ed25519 AAAB"}) == Witness::kContradicts);
  CHECK(witness({"ssh-ed25519 AAAA"}, {"ssh-ed25519"}) == Witness::kContradicts);
}

TEST_CASE("a console that shows no key of the type says nothing of it") {
  CHECK(witness({"ssh-ed25519 AAAA"}, {}) == Witness::kSilent);
  CHECK(witness({"ssh-ed25519 AAAA"}, {"ssh-rsa AAAA", ""}) == Witness::kSilent);
  CHECK(witness({}, {"ssh-ed25519 AAAA"}) == Witness::kSilent);
}
