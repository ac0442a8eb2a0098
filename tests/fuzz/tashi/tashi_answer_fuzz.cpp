// A frame of RPyC's: its head, and all that follows as its body.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "vmms/tashi/frame.hpp"
#include "vmms/tashi/rpc_messages.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  namespace tashi = tango::vmms::tashi;
  if (size <= tashi::kFrameHeadBytes) {
    return 0;
  }
  std::array<unsigned char, tashi::kFrameHeadBytes> first{};
  std::copy_n(bytes, first.size(), first.begin());
  auto head = tashi::readFrameHead(first);
  if (!head) {
    return 0;
  }
  const std::string_view body(reinterpret_cast<const char*>(bytes) + first.size(),
                              size - first.size());
  head->size = static_cast<std::uint32_t>(body.size() - 1);
  const auto message = tashi::messageOf(*head, body);
  const auto answer = message ? tashi::readAnswer(*message, 1)
                              : tango::base::Result<tashi::RpcAnswer>(message.error());
  if (answer) {
    static_cast<void>(tashi::rootIdOf(*answer));
    static_cast<void>(tashi::textOf(*answer));
  }
  return 0;
}
