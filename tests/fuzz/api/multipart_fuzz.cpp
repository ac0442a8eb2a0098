// A form, cut into pieces of any size, is the same form, or refused all the same. The input's first
// byte says how many of the bytes behind it are sizes of pieces; the rest is the body, whose
// boundary is "b".
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1/multipart.hpp"
#include "base/assert.hpp"

namespace {

using tango::api::v1::MultipartReader;

struct Reading {
  bool ok = true;
  /// Each part: its head, its content, whether it ended.
  std::vector<std::string> parts;
};

void takeEvents(MultipartReader& reader, std::size_t fed, Reading& reading) {
  for (;;) {
    const auto event = reader.next();
    reading.ok = reading.ok && event.ok();
    if (!event || *event == MultipartReader::Event::kNeedMore) {
      return;
    }
    if (*event == MultipartReader::Event::kPart) {
      reading.parts.push_back(reader.part().name + '\0' +
                              reader.part().filename.value_or("(none)") + '\0');
      continue;
    }
    TANGO_ASSERT(!reading.parts.empty(), "there is a part before its content");
    if (*event == MultipartReader::Event::kData) {
      TANGO_ASSERT(!reader.data().empty() && reader.data().size() <= fed + 16,
                   "no more is held back than may be a boundary");
      reading.parts.back() += reader.data();
    } else {
      reading.parts.back() += std::string("\0ended", 6);
    }
  }
}

Reading read(std::string_view body, const std::vector<std::size_t>& pieces) {
  MultipartReader reader("b", {.head_bytes_max = 256, .parts_max = 8});
  Reading reading;
  for (std::size_t at = 0, turn = 0; at < body.size() && reading.ok; ++turn) {
    const std::size_t wanted = pieces.empty() ? body.size() : pieces[turn % pieces.size()];
    const std::size_t bytes = std::min(wanted, body.size() - at);
    reader.feed(body.substr(at, bytes));
    at += bytes;
    takeEvents(reader, bytes, reading);
  }
  reading.ok = reading.ok && reader.finish().ok();
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static_cast<void>(tango::api::v1::boundaryOf(input));
  static_cast<void>(tango::api::v1::parsePartHead(input));
  if (size == 0) {
    return 0;
  }
  const std::size_t count = std::min<std::size_t>(data[0] % 8, size - 1);
  std::vector<std::size_t> pieces;
  for (std::size_t at = 1; at <= count; ++at) {
    pieces.push_back(std::size_t{data[at]} + 1);
  }
  const std::string_view body = input.substr(1 + count);
  const Reading whole = read(body, {});
  const Reading cut = read(body, pieces);
  TANGO_ASSERT(whole.ok == cut.ok, "a cut changes whether a form is one");
  TANGO_ASSERT(!whole.ok || whole.parts == cut.parts, "a cut changes what a form holds");
  return 0;
}
