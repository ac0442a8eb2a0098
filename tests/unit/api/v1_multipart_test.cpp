#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "api/v1/multipart.hpp"

namespace tango::api::v1 {
namespace {

using base::ErrorKind;
using base::Result;

struct Part {
  std::string name;
  std::optional<std::string> filename;
  std::string content;
  bool ended = false;

  friend bool operator==(const Part&, const Part&) = default;
};

/// The parts of `body`, fed in pieces of `step` bytes.
Result<std::vector<Part>> partsOf(std::string_view body, std::size_t step,
                                  MultipartBounds bounds = {}) {
  MultipartReader reader("XX", bounds);
  std::vector<Part> parts;
  for (std::size_t at = 0; at < body.size(); at += step) {
    reader.feed(body.substr(at, step));
    for (;;) {
      const Result<MultipartReader::Event> event = reader.next();
      if (!event) {
        return event.error();
      }
      if (*event == MultipartReader::Event::kNeedMore) {
        break;
      }
      if (*event == MultipartReader::Event::kPart) {
        parts.push_back({reader.part().name, reader.part().filename, "", false});
      } else if (*event == MultipartReader::Event::kData) {
        parts.back().content += reader.data();
      } else {
        parts.back().ended = true;
      }
    }
  }
  if (const Result<void> whole = reader.finish(); !whole) {
    return whole.error();
  }
  return parts;
}

std::string part(std::string_view disposition, std::string_view content) {
  return "--XX\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" +
         std::string(content) + "\r\n";
}

ErrorKind refusalOf(const std::string& body, MultipartBounds bounds = {}) {
  const Result<std::vector<Part>> whole = partsOf(body, body.size() + 1, bounds);
  const Result<std::vector<Part>> split = partsOf(body, 1, bounds);
  REQUIRE_FALSE(whole);
  REQUIRE_FALSE(split);
  CHECK(whole.error().message() == split.error().message());
  return whole.error().kind();
}

Result<PartHead> headOf(std::string_view disposition) {
  return parsePartHead("Content-Disposition: " + std::string(disposition));
}

TEST_CASE("a form is the same however it is split") {
  const std::string content = "a\r\n--XY\r\n--X\r\n-\r\n\r" + std::string(1000, '-') + "\0z\r\n";
  const std::string body = part("name=\"job\"", "{}") +
                           part("name=\"f\"; filename=\"a b\"", content) +
                           part("name=f; filename=empty", "") + "--XX--\r\n";
  const std::vector<Part> expected = {
      {"job", std::nullopt, "{}", true}, {"f", "a b", content, true}, {"f", "empty", "", true}};
  for (std::size_t step = 1; step < body.size() + 2; ++step) {
    const Result<std::vector<Part>> parts = partsOf(body, step);
    REQUIRE(parts);
    CHECK(*parts == expected);
  }
}

TEST_CASE("the first boundary may follow an empty line, the last may have no line end") {
  const std::string body = "\r\n" + part("name=a", "1") + "--XX--";
  CHECK(partsOf(body, 1));
  CHECK(partsOf(body, 1000));
  CHECK(partsOf("--XX--", 1)->empty());
}

TEST_CASE("a boundary may be followed by a few blanks") {
  CHECK(partsOf("--XX \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX--\r\n", 1));
  CHECK(refusalOf("--XX" + std::string(17, ' ') + "\r\n") == ErrorKind::kInvalid);
}

TEST_CASE("what is no form is refused") {
  const std::string good = part("name=a", "1");
  for (const std::string& bad : std::vector<std::string>{
           "", "\r\n", "x", "preamble\r\n" + good + "--XX--", good, good + "--XX", good + "--XX-",
           good + "--XX--x", good + "--XX--\r", good + "--XX--\r\n\r\n", good + "--XXY\r\n",
           "--XX\r\n\r\n\r\n--XX--", "--XX\r\nX: y\r\n\r\n1\r\n--XX--",
           "--XX\r\n Content-Disposition: form-data; name=a\r\n\r\n1\r\n--XX--",
           "--XX\nContent-Disposition: form-data; name=a\n\n1\n--XX--", "--YY\r\n"}) {
    CAPTURE(bad);
    const std::size_t step = bad.size() + 1;
    CHECK_FALSE(partsOf(bad, step));
    CHECK_FALSE(partsOf(bad, 1));
  }
}

TEST_CASE("heads and parts are bounded") {
  const std::string line = "Content-Disposition: form-data; name=a";
  const auto with_head = [](const std::string& head) {
    return "--XX\r\n" + head + "\r\n\r\n1\r\n--XX--";
  };
  CHECK(partsOf(with_head(line), 1, {.head_bytes_max = line.size()}));
  CHECK(refusalOf(with_head(line), {.head_bytes_max = line.size() - 1}) == ErrorKind::kTooLarge);
  CHECK(refusalOf("--XX\r\nX: " + std::string(20'000, 'x')) == ErrorKind::kTooLarge);
  const std::string two = part("name=a", "1") + part("name=b", "2") + "--XX--";
  CHECK(partsOf(two, 1, {.parts_max = 2}));
  CHECK(refusalOf(two, {.parts_max = 1}) == ErrorKind::kTooLarge);
}

TEST_CASE("a reader holds no more than it was fed last and a boundary") {
  MultipartReader reader("XX");
  reader.feed(part("name=a", "").substr(0, part("name=a", "").size() - 2));
  const Result<MultipartReader::Event> begun = reader.next();
  REQUIRE(begun);
  const std::string piece(64 * 1024, '\r');
  for (int times = 0; times < 100; ++times) {
    reader.feed(piece);
    const Result<MultipartReader::Event> event = reader.next();
    REQUIRE(event);
    CHECK(*event == MultipartReader::Event::kData);
    CHECK(reader.data().size() >= piece.size() - 5);
    const Result<MultipartReader::Event> more = reader.next();
    REQUIRE(more);
    CHECK(*more == MultipartReader::Event::kNeedMore);
  }
}

TEST_CASE("names are read as browsers and curl write them") {
  CHECK(headOf(R"(form-data; name="a"; filename="b\"c\\d")")->filename == R"(b"c\d)");
  CHECK(headOf(R"(form-data; name="a"; filename="b%22c%0D%0Ad%41\e")")->filename ==
        "b\"c\r\nd%41\\e");
  CHECK(headOf("FORM-DATA;NAME=a;FileName=\"x;y=z\"")->filename == "x;y=z");
  CHECK(headOf("form-data; name=\"\xC3\xA9\"")->name == "\xC3\xA9");
  CHECK(headOf(R"(form-data; name="")")->name.empty());
  CHECK_FALSE(headOf("form-data; name=a")->filename);
}

TEST_CASE("a head that is not as the RFC has it is refused") {
  for (const char* bad :
       {"attachment; name=a", "form-data", "form-data; filename=a", "form-data; name",
        "form-data; name=", "form-data; name=\"a", "form-data; name=\"a\\\"", "form-data; name=a b",
        "form-data; name=a; name=b", "form-data; name=a; filename=b; filename=c",
        "form-data; name=a; filename*=UTF-8''b", "form-data; name=a; size=1",
        "form-data; name=\"\xFF\"", "form-data; name=\"a\" \"b\"", "form-data; name=a;"}) {
    CAPTURE(bad);
    CHECK_FALSE(headOf(bad));
  }
  const std::string good = "Content-Disposition: form-data; name=a";
  CHECK(parsePartHead(good + "\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: BINARY"));
  for (const std::string& bad :
       std::vector<std::string>{"", "Content-Type: text/plain", good + "\r\n" + good,
                                good + "\r\nno header", good + "\r\nX y: z", good + "\r\n: z",
                                good + "\r\n\r\n", good + "\r\nContent-Transfer-Encoding: base64",
                                good + "\nX: y", good + std::string("\r\nX: \0", 6)}) {
    CAPTURE(bad);
    CHECK_FALSE(parsePartHead(bad));
  }
}

TEST_CASE("a boundary is one that RFC 2046 allows") {
  CHECK(*boundaryOf("multipart/form-data; boundary=----abc123") == "----abc123");
  CHECK(*boundaryOf("multipart/form-data; charset=x; BOUNDARY=\"a b:c\"") == "a b:c");
  CHECK(*boundaryOf("multipart/form-data; boundary=" + std::string(70, 'x')) ==
        std::string(70, 'x'));
  for (const std::string& bad : std::vector<std::string>{
           "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary",
           "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"a \"",
           "multipart/form-data; boundary=\"a\x01\"", "multipart/form-data; boundary=a; boundary=b",
           "multipart/form-data; boundary=" + std::string(71, 'x')}) {
    CAPTURE(bad);
    CHECK_FALSE(boundaryOf(bad));
  }
  CHECK(mediaType(" Multipart/Form-Data ; boundary=x") == "multipart/form-data");
  CHECK(mediaType("").empty());
}

}  // namespace
}  // namespace tango::api::v1
