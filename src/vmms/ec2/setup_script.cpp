#include "vmms/ec2/setup_script.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Of the user data that EC2 takes.
constexpr std::size_t kBytesMax = 16 * 1024;

constexpr std::string_view kHead = R"sh(#!/bin/sh
# Makes a machine ready for Tango's jobs: run by root, once at the first boot, or again.
# How it went is in $state at the end: "ok", or one line that says what failed.
set -u
umask 022
LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
state=/var/lib/tango/set-up

end_with() {
  mkdir -p "${state%/*}" && printf '%s\n' "$1" >"$state.new" && mv -f "$state.new" "$state"
  echo "tango: set-up: $1"
}

# What was being done, and what the command said of it, as one line.
fail() {
  end_with "$1: $(printf '%s' "$2" | tail -n 3 | tr -c '[:print:]' ' ' | cut -c 1-300)"
  exit 1
}

)sh";

constexpr std::string_view kUser = R"sh(
# The user that jobs run as.
if ! getent passwd autograde >/dev/null; then
  if ! getent group autograde >/dev/null; then
    set -- --gid "$id"
    if getent group "$id" >/dev/null; then
      set --
    fi
    said=$(groupadd "$@" autograde 2>&1) || fail "cannot add the group autograde" "$said"
  fi
  set -- --uid "$id"
  if getent passwd "$id" >/dev/null; then
    set --
  fi
  said=$(useradd --create-home --shell /bin/sh --gid autograde "$@" autograde 2>&1) ||
    fail "cannot add the user autograde" "$said"
fi
home=$(getent passwd autograde | cut -d : -f 6)
if [ ! -d "$home" ]; then
  said=$(mkdir -p "$home" 2>&1 && chown autograde: "$home" 2>&1) ||
    fail "cannot make the home of the user autograde" "$said"
fi
)sh";

constexpr std::string_view kInstall = R"sh(
# Others use apt at a first boot too: what they hold is waited for, and all of it is tried again.
apt_get() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq -o DPkg::Lock::Timeout=120 \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@" </dev/null 2>&1
}

said='there is no apt-get'
if ! command -v make >/dev/null && command -v apt-get >/dev/null; then
  for pause in 5 15 30 0; do
    said=$(apt_get update)
    said=$(apt_get install --yes --no-install-recommends)sh";

constexpr std::string_view kInstalled = R"sh() && break
    sleep "$pause"
  done
fi
command -v make >/dev/null || fail "there is no make, and it cannot be installed" "$said"
)sh";

constexpr std::string_view kNothingInstalled = R"sh(
command -v make >/dev/null || fail "there is no make" "no packages are to be installed"
)sh";

// cloud-init has read all that it needs by the time that it runs user data.
constexpr std::string_view kBlock = R"sh(
# What the metadata service tells is not meant for jobs.
said=$(ip route replace unreachable 169.254.169.254/32 2>&1) ||
  fail "cannot block the metadata service" "$said"
if [ "$(cat /proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null)" = 0 ]; then
  said=$(ip -6 route replace unreachable fd00:ec2::254/128 2>&1) ||
    fail "cannot block the metadata service" "$said"
fi
)sh";

bool isPackage(const std::string& name) {
  const auto lower_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && lower_or_digit(name[0]) &&
         std::all_of(name.begin(), name.end(), [&lower_or_digit](char c) {
           return lower_or_digit(c) || c == '+' || c == '.' || c == '-';
         });
}

std::string timer(base::Millis lease) {
  if (lease <= base::Millis(0)) {
    return "";
  }
  const std::string minutes =
      std::to_string(std::chrono::ceil<std::chrono::minutes>(lease).count());
  return "# Where nobody puts this off, nobody needs the machine any more.\n"
         "said=$(shutdown -P +" +
         minutes + " 2>&1) || fail \"cannot schedule the shutdown\" \"$said\"\n";
}

}  // namespace

Result<std::string> setupScript(const SetupPlan& plan) {
  std::string packages;
  for (const std::string& package : plan.packages) {
    if (!isPackage(package)) {
      return Error(ErrorKind::kInvalid,
                   "a package's name has lower-case letters, digits, '+', "
                   "'-' and '.', and begins with a letter or digit");
    }
    packages += " " + package;
  }
  std::string script(kHead);
  script += timer(plan.lease);
  script += "\nrm -f \"$state\"\nid=" + std::to_string(plan.job_uid) + "\n";
  script += kUser;
  if (packages.empty()) {
    script += kNothingInstalled;
  } else {
    script.append(kInstall).append(packages).append(kInstalled);
  }
  script += plan.block_metadata ? kBlock : "";
  script += "\nend_with ok\n";
  if (script.size() > kBytesMax) {
    return Error(ErrorKind::kTooLarge, "so many packages make user data of more than " +
                                           std::to_string(kBytesMax) + " bytes");
  }
  return script;
}

}  // namespace tango::vmms::ec2
