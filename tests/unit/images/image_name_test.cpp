#include "images/image_name.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>

namespace tango::images {
namespace {

TEST_CASE("an image's name is one folder's name, and comes back from it") {
  for (const std::string& name : std::array<std::string, 6>{
           "autograding_image", "registry:5000/a/b@sha256:0", "..", ".", ".hidden", "a.b-c_D9"}) {
    CAPTURE(name);
    CHECK(checkImageName(name).ok());
    const std::string folder = encodeImageName(name);
    CHECK(folder.find('/') == std::string::npos);
    CHECK(!folder.starts_with('.'));
    CHECK(decodeImageName(folder) == name);
  }
  CHECK(encodeImageName("a/b:c") == "a%2Fb%3Ac");
  CHECK(encodeImageName(".a.b") == "%2Ea.b");
}

TEST_CASE("other names are refused") {
  using std::string_literals::operator""s;
  for (const std::string& bad : std::array{""s, "host"s, "a b"s, "a%2Fb"s, "a\0b"s, "\xc3\xbc"s,
                                           "a\nb"s, std::string(256, 'a'), std::string(100, '/')}) {
    CAPTURE(bad);
    const Result<void> checked = checkImageName(bad);
    REQUIRE(!checked.ok());
    CHECK(checked.error().kind() == base::ErrorKind::kInvalid);
  }
}

TEST_CASE("a folder that no name is encoded as is not one") {
  for (const char* bad : {"a%2", "a%zz", "%41", "a%2fb", ".lock", ".importing-abc", "a/b"}) {
    CAPTURE(bad);
    CHECK(!decodeImageName(bad));
  }
}

}  // namespace
}  // namespace tango::images
