// What a machine of a cloud runs at its first boot (cloud-init's user data), so that any stock AMI
// of Debian or Ubuntu can run jobs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tango::vmms::ec2 {

/// Where the script leaves how it went: "ok", or one line that says what failed. The file appears
/// whole, and only at the script's end.
inline constexpr const char* kSetUpFile = "/var/lib/tango/set-up";

/// Of the user autograde and its group, where there is none: neither a person's nor a service's, on
/// Debian and its kin (65520 to 65533 are left to nobody).
inline constexpr std::uint32_t kJobUid = 65'520;

struct SetupPlan {
  /// The machine shuts down after so long, unless somebody puts that off. In whole minutes, rounded
  /// up; zero: it does not (for a machine that an AMI is to be made of).
  base::Millis lease{1'800'000};
  /// Debian packages that are installed where there is no `make`.
  std::vector<std::string> packages = {"make", "gcc", "libc6-dev"};
  std::uint32_t job_uid = kJobUid;
  /// Nothing in the machine reaches the metadata service any more, until it boots again.
  bool block_metadata = true;
};

/// A POSIX shell script for root, smaller than EC2's bound on user data (16 KiB). It may be run
/// again, and changes nothing on a machine that has all of it, but that its lease begins anew.
/// kInvalid: a package whose name is none; kTooLarge: too many of them.
base::Result<std::string> setupScript(const SetupPlan& plan);

}  // namespace tango::vmms::ec2
