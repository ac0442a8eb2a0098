// The name of an image as a job has it. What is taken is safe in a path of the Engine API, and is
// read as the same again.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "vmms/docker/image_reference.hpp"

namespace docker = tango::vmms::docker;

namespace {

bool isSafe(const std::string& text) {
  return text.find("..") == std::string::npos && text.find("//") == std::string::npos &&
         !text.starts_with('/') && !text.ends_with('/') &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c < 0x80 && (std::isalnum(c) != 0 ||
                               std::string_view("._-/:@[]").find(static_cast<char>(c)) !=
                                   std::string_view::npos);
         });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto one = docker::parseImageReference({reinterpret_cast<const char*>(bytes), size});
  if (!one) {
    return 0;
  }
  const std::string text = one->text();
  const auto again = docker::parseImageReference(text);
  // A tag may have dots in a row; no path is made of one.
  const std::string path = one->name.empty() ? one->digest : one->name;
  if (!isSafe(path) || text.size() > docker::kImageReferenceBytesMax || !again ||
      again->text() != text || !docker::meanSameImage(*one, *again)) {
    std::abort();
  }
  return 0;
}
