// The one way by which a job enters, whatever it came over: checked against the site's caps and
// what the VMMSs can do, stored, queued.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "api/service.hpp"
#include "base/result.hpp"
#include "model/job_record.hpp"
#include "model/submission.hpp"

namespace tango::api {

struct AcceptedJob {
  std::int64_t id = 0;
  bool repeated = false;  ///< the same request as shortly before: the same job
  /// What was accepted; null if it is repeated.
  std::shared_ptr<const model::JobRecord> record;
};

/// A job that did not pass: it is kept among the ended ones, and these are its trace lines.
struct RejectedJob {
  std::int64_t id = 0;
  std::vector<std::string> trace;
};

struct Acceptance {
  std::optional<AcceptedJob> accepted;
  std::optional<RejectedJob> rejected;  ///< exactly one of the two
};

/// `submission.vmms` may be "": it is resolved. What is wrong with the job as such (no name, no
/// Makefile or two, a name that is not one component, an unknown image or VMMS, over a cap, more
/// than any VM may have, a callback that is not allowed, half an account) rejects it, as wire.md's
/// validateJob lines say; the Error is of a courselab or file that is not there (kNotFound), of a
/// full queue (kTooLarge), or of the store.
boost::asio::awaitable<base::Result<Acceptance>> acceptJob(const Service& service,
                                                           model::Submission submission);

}  // namespace tango::api
