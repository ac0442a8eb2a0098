// What an endpoint of EC2's answers: a tree within its bounds, or refused.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "vmms/ec2/xml.hpp"

namespace {

using tango::vmms::ec2::Element;

std::size_t depthOf(const Element& element) {
  std::size_t deepest = 0;
  for (const Element& child : element.children) {
    deepest = std::max(deepest, depthOf(child));
  }
  return deepest + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  namespace ec2 = tango::vmms::ec2;
  const auto root = ec2::parseXml({reinterpret_cast<const char*>(bytes), size});
  if (!root) {
    TANGO_ASSERT(!root.error().message().empty(), "refused without a word");
    return 0;
  }
  TANGO_ASSERT(depthOf(*root) <= ec2::kXmlDepthMax, "deeper than its bound");
  static_cast<void>(root->at("instanceState/name"));
  static_cast<void>(root->items("reservationSet"));
  return 0;
}
