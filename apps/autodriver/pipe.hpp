// Pipes between autodriver, its helpers and the job.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "drive/account.hpp"

namespace tango::autodriver {

struct Pipe {
  base::UniqueFd read;
  base::UniqueFd write;
};

base::Result<Pipe> makePipe();

/// The one for the output of a job that `account` runs; reading does not block.
base::Result<Pipe> makeOutputPipe(const drive::Account& account);

/// `what` names the descriptor in an error.
base::Result<void> makeNonBlocking(int fd, const char* what);

}  // namespace tango::autodriver
