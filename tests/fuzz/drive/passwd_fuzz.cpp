// The users of an image, whoever made it: /proc/self/uid_map, a NUL, /etc/passwd. Who is found can
// run a job, and an id that is said to be unused is nobody's.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "drive/account.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace drive = tango::drive;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view uid_map = input.substr(0, input.find('\0'));
  const std::string_view passwd = input.substr(std::min(uid_map.size() + 1, size));
  const auto account = drive::findAccount(passwd, "autograde");
  if (account) {
    TANGO_ASSERT(account->uid != 0 && account->gid != 0, "a job that would be root");
    TANGO_ASSERT(account->uid != static_cast<uid_t>(-1) && account->gid != static_cast<gid_t>(-1),
                 "ids that the kernel takes for none");
    TANGO_ASSERT(account->home.starts_with('/') && account->home != "/", "a home that is none");
    TANGO_ASSERT(drive::isTaken(passwd, account->uid), "somebody whose id is nobody's");
  }
  const uid_t unused = drive::unusedUid(uid_map, passwd);
  TANGO_ASSERT(unused <= 1 || !drive::isTaken(passwd, unused), "an unused id that somebody has");
  return 0;
}
