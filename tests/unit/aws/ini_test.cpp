#include "aws/ini.hpp"

#include <doctest/doctest.h>

using tango::aws::Ini;
using tango::aws::parseIni;
using tango::base::ErrorKind;

namespace {

Ini parsed(std::string_view text) {
  const auto ini = parseIni(text, "f");
  REQUIRE_MESSAGE(ini.ok(), ini.error().message());
  return *ini;
}

std::string refusal(std::string_view text) {
  const auto ini = parseIni(text, "some/file");
  REQUIRE(!ini.ok());
  CHECK(ini.error().kind() == ErrorKind::kInvalid);
  return ini.error().message();
}

}  // namespace

TEST_CASE("sections have keys and values, whatever stands around them") {
  const Ini ini = parsed(
      "# a comment\n; another\n\n[one]\nKey=value\nother_key : a = b\nempty =\n\n"
      "[ two words ] # why\n  key = with blanks \t\n");
  CHECK(ini == Ini{{"one", {{"key", "value"}, {"other_key", "a = b"}, {"empty", ""}}},
                   {"two words", {{"key", "with blanks"}}}});
}

TEST_CASE("keys may be indented, as Tango's documentation shows them for boto") {
  CHECK(parsed("[Credentials]\n\taws_access_key_id = MYAMAZONTESTKEY12345\n"
               "\taws_secret_access_key = myawssecretaccesskey12345\n") ==
        Ini{{"Credentials",
             {{"aws_access_key_id", "MYAMAZONTESTKEY12345"},
              {"aws_secret_access_key", "myawssecretaccesskey12345"}}}});
}

TEST_CASE("a section's header may be indented too") {
  CHECK(parsed("  [a]\n  k = 1\n  [b]\n  k = 2\n") ==
        Ini{{"a", {{"k", "1"}}}, {"b", {{"k", "2"}}}});
}

TEST_CASE("a line that is indented deeper goes on with the value before it") {
  CHECK(
      parsed("[default]\ns3 =\n  max_queue = 1\n\n  # between\n  size: 2 ; small\nregion = x\n") ==
      Ini{{"default", {{"s3", "\nmax_queue = 1\nsize: 2"}, {"region", "x"}}}});
  CHECK(parsed("[a]\n key = one\n  [two]\n next = 3\n") ==
        Ini{{"a", {{"key", "one\n[two]"}, {"next", "3"}}}});
}

TEST_CASE("the rest of a value is a comment from a blank and its mark on") {
  CHECK(parsed("[a]\nk = v # why\nl = v;w#x\nm = # nothing\nn =#here\n") ==
        Ini{{"a", {{"k", "v"}, {"l", "v;w#x"}, {"m", ""}, {"n", "#here"}}}});
}

TEST_CASE("lines end with LF or CRLF, and a byte order mark is passed over") {
  CHECK(parsed("\xef\xbb\xbf[a]\r\nk = v\r\n") == Ini{{"a", {{"k", "v"}}}});
  CHECK(parsed("[a]\nk = v") == Ini{{"a", {{"k", "v"}}}});
  CHECK(parsed("").empty());
  CHECK(parsed("\xef\xbb\xbf").empty());
  CHECK(parsed("\n\n\n").empty());
}

TEST_CASE("bytes that are not UTF-8 are taken as they are") {
  CHECK(parsed("# caf\xe9\n[a]\nk = \xff\n") == Ini{{"a", {{"k", "\xff"}}}});
}

TEST_CASE("what is no such file is refused with its line, and nothing of it is shown") {
  CHECK(refusal("k = 1\n") == "some/file, line 1: a key before the first section");
  CHECK(refusal("\n[a]\nHUSH\n") == "some/file, line 3: neither a section nor `key = value`");
  CHECK(refusal("[a]\n = HUSH\n") == "some/file, line 2: a value without its key");
  CHECK(refusal("[HUSH\n") == "some/file, line 1: a section without its closing bracket");
  for (const char* const header : {"[]", "[ ]", "[a] HUSH", "[a]]"}) {
    CHECK(refusal(header) ==
          "some/file, line 1: a section is to be a name in brackets and nothing else");
  }
  CHECK(refusal("[a]\nk = 1\nK = 2\n") ==
        "some/file, line 3: a key that comes twice in its section");
  CHECK(refusal("[a]\n[b]\n[a]\n") == "some/file, line 3: a section that comes twice");
  for (const std::string_view control :
       {std::string_view("[a]\nk = \0", 9), std::string_view("[a]\nk = \x1b[0m\n"),
        std::string_view("[a]\nk = 1\rl = 2\n"), std::string_view("[a]\nk = \x7f")}) {
    CHECK(refusal(control) ==
          "some/file, line 2: a control character; it is to be a text in UTF-8");
  }
  // UTF-16, as some editors write it.
  CHECK(refusal(std::string_view("\xff\xfe[\0a\0]\0", 8)).find("line 1: a control character") !=
        std::string::npos);
}
