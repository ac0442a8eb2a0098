// What cPickle of Python 2.7 wrote of objects of the classes in Tashi's rpyctypes.py.
#pragma once

#include <string_view>

namespace tango::test {

/// A list with the same instance twice. Its hints have a unicode: {u"caf\xe9":
/// u"\u20ac\U0001f600\n\\"}
inline constexpr std::string_view kTwoInstances =
    "(lp1\nccopy_reg\n_reconstructor\np2\n(ctashi.rpycservices.rpyctypes\nInstance\np3\n"
    "c__builtin__\nobject\np4\nNtRp5\n(dp6\nS'hostId'\np7\nNsS'name'\np8\nS't-7-a'\np9\n"
    "sS'groupName'\np10\nNsS'vmId'\np11\nNsS'decayed'\np12\nI00\nsS'disks'\np13\n(lp14\ng2\n"
    "(ctashi.rpycservices.rpyctypes\nDiskConfiguration\np15\ng4\nNtRp16\n(dp17\nS'uri'\np18\n"
    "S'a.img'\np19\nsS'persistent'\np20\nI00\nsbasS'userId'\np21\nI42\nsS'nics'\np22\n(lp23\ng2\n"
    "(ctashi.rpycservices.rpyctypes\nNetworkConfiguration\np24\ng4\nNtRp25\n(dp26\nS'ip'\np27\n"
    "S'172.16.1.9'\np28\nsS'mac'\np29\nS'52:54:00:01:02:03'\np30\nsS'network'\np31\nI1\nsbas"
    "S'state'\np32\nI3\nsS'memory'\np33\nL512L\nsS'cores'\np34\nI1\nsS'id'\np35\nI7\nsS'hints'\n"
    "p36\n(dp37\nS'tango_owner'\np38\nS'o'"
    "\nsVcaf\xe9\np39\nV\\u20ac\\U0001f600\\u000a\\u005c\np40\n"
    "ssbag5\na.";

/// TashiException(d={"errno": 2, "msg": ...})
inline constexpr std::string_view kNoSuchInstancePickle =
    "ctashi.rpycservices.rpyctypes\nTashiException\np1\n(tRp2\n(dp3\nS'msg'\np4\n"
    "S'No such instanceId - 9'\np5\nsS'errno'\np6\nI2\nsb.";

/// ValueError("it's odd")
inline constexpr std::string_view kValueErrorPickle =
    "cexceptions\nValueError\np1\n(S\"it's odd\"\np2\ntp3\nRp4\n.";

/// [True, False, None, -5, 2**40, 1.5, (1, "x\n\x7f\xe9'\""), {}]
inline constexpr std::string_view kPlainValues =
    "(lp0\nI01\naI00\naNaI-5\naI1099511627776\naF1.5\na(I1\nS'x\\n\\x7f\\xe9\\'\"'\np1\ntp2\na("
    "dp3\n"
    "a.";

}  // namespace tango::test
