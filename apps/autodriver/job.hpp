// The job: what is run, as whom, and within what.
#pragma once

#include <string>
#include <vector>

#include <linux/filter.h>

#include "autodriver/entry.hpp"
#include "autodriver/identity.hpp"
#include "autodriver/student_slots.hpp"
#include "autodriver/view.hpp"
#include "drive/account.hpp"
#include "drive/tree_stream.hpp"
#include "sandbox/parts/rlimits.hpp"

namespace tango::autodriver {

using drive::Account;
using drive::TreeBounds;

struct Job {
  Caller caller;
  Account account;          ///< autograde's
  Identity identity;        ///< autograde's
  uid_t shield = 0;         ///< see identity.hpp
  mode_t home_mode = 0755;  ///< of autograde's home, as it was found
  std::string directory;
  std::vector<std::string> environment;
  sandbox::Rlimits rlimits;
  /// What it may not call (sandbox/parts/seccomp.hpp). Empty: it may call all that its machine
  /// lets a user call.
  std::vector<sock_filter> filter;
  /// The warden is the first process of namespaces of its own, where these can be had.
  bool own_namespaces = true;
  ViewPlan view;
  /// The file systems in memory to which the job's files are confined; none: they are not.
  std::vector<std::string> scratch;
  TreeBounds bounds;
  StudentPlan students;
};

/// What a job gets of its caller's environment: what lets programs be found and speak a language
/// (PATH, LANG, LC_*, TZ, JAVA_HOME and the like, see the source), or all but what is the job's
/// own.
enum class Inherit { kForPrograms, kAll };

/// The job's environment: HOME, USER, LOGNAME and SHELL are autograde's. An ordinary caller's may
/// have a secret in it, which a student's program must not read; a container's is its image's.
[[nodiscard]] std::vector<std::string> jobEnvironment(const Account& account,
                                                      const std::vector<std::string>& callers,
                                                      Inherit which);

/// Becomes the job: does all that is needed and executes make, with stdout and stderr on
/// `output_fd`. Returns only if that failed: the name of the step that did; errno says why.
const char* executeMake(const Job& job, int output_fd) noexcept;

}  // namespace tango::autodriver
