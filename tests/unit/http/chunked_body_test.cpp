#include "http/chunked_body.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using tango::http::ChunkedBody;

namespace {

struct Decoded {
  std::string data;
  std::size_t taken = 0;
};

// In pieces of that many bytes. Nothing: it is not the chunked coding, or it has no end.
std::optional<Decoded> decode(std::string_view bytes, std::size_t piece) {
  ChunkedBody body;
  Decoded decoded;
  while (!body.done() && decoded.taken < bytes.size()) {
    std::string_view pending = bytes.substr(decoded.taken, piece);
    const auto skipped = body.skipFraming(pending);
    if (!skipped) {
      return std::nullopt;
    }
    pending.remove_prefix(*skipped);
    const std::size_t data = std::min<std::size_t>(pending.size(), body.available());
    decoded.data += pending.substr(0, data);
    if (data > 0) {
      body.took(data);
    }
    decoded.taken += *skipped + data;
  }
  return body.done() ? std::optional(decoded) : std::nullopt;
}

}  // namespace

TEST_CASE("a chunked body is the same wherever it was cut on its way") {
  const std::string bytes =
      "5\r\nhello\r\n1;x=\"y\"\r\n,\r\n00A\r\n 0123456\r\n\r\n0\r\nT: r\r\n\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    const auto decoded = decode(bytes + "GET / HTTP/1.1", piece);
    REQUIRE(decoded);
    CHECK(decoded->data == "hello, 0123456\r\n");
    CHECK(decoded->taken == bytes.size());
  }
}

TEST_CASE("an empty chunked body ends at once") {
  const auto decoded = decode("0\r\n\r\nmore", 1);
  REQUIRE(decoded);
  CHECK(decoded->data.empty());
  CHECK(decoded->taken == 5);
}

TEST_CASE("what is not the chunked coding is refused") {
  const std::string nul(1, '\0');
  const std::vector<std::string> all = {
      "",
      "\r\n",
      "g\r\n",
      "-1\r\n",
      "+1\r\nx\r\n0\r\n\r\n",
      "0x1\r\nx\r\n0\r\n\r\n",
      " 1\r\nx\r\n0\r\n\r\n",
      "1 \r\nx\r\n0\r\n\r\n",
      "1\nx\n0\n\n",
      "1\r\nx0\r\n\r\n",
      "1\r\nx\n0\r\n\r\n",
      "1\r\nxy\r\n0\r\n\r\n",
      "1\rx",
      "1;a\nb\r\nx\r\n0\r\n\r\n",
      "1;a" + nul + "\r\nx\r\n0\r\n\r\n",
      "ffffffffffffffff1\r\n",
      "ffffffffffffffffffffffff\r\n",
      "0\r\nT: r\n\r\n",
      "0\r\nT: r\r\r\n",
      "1;" + std::string(ChunkedBody::kLineBytesMax, 'x') + "\r\nx\r\n0\r\n\r\n",
      std::string(ChunkedBody::kLineBytesMax + 1, '0') + "\r\n\r\n",
      "0\r\n" + std::string(ChunkedBody::kTrailerBytesMax + 1, 'x') + "\r\n\r\n",
  };
  for (const std::string& bytes : all) {
    CAPTURE(bytes);
    CHECK(!decode(bytes, 1));
    CHECK(!decode(bytes, std::max<std::size_t>(bytes.size(), 1)));
  }
}
