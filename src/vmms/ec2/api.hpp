// Signed calls of the EC2 Query API: throttled, failed and unanswered ones are sent again, expired
// credentials are found anew.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/client.hpp"
#include "vmms/ec2/endpoint.hpp"
#include "vmms/ec2/pause.hpp"
#include "vmms/ec2/query.hpp"
#include "vmms/ec2/refusal.hpp"
#include "vmms/ec2/retry_plan.hpp"
#include "vmms/ec2/xml.hpp"

namespace tango::vmms::ec2 {

using base::Result;
using boost::asio::awaitable;

struct Reply {
  Result<Element> content;  ///< the answer's root element
  std::string code;         ///< EC2's own, where it refused; "": it did not, or it did not answer
  Remedy remedy = Remedy::kNone;

  [[nodiscard]] bool ok() const { return content.ok(); }
  [[nodiscard]] const base::Error& error() const { return content.error(); }
};

/// How long a call is tried, and who may end it before.
struct Patience {
  base::Deadline deadline;
  GiveUp give_up;  ///< what is under way then is awaited for some seconds: it may have an effect
  /// EC2's code for what it has not yet heard of everywhere, though it did it a moment ago: that
  /// too is tried again; "": there is none.
  std::string not_yet;
};

class Api {
 public:
  /// As whom, and where, it asks; all are called on the service's thread.
  struct Caller {
    std::function<awaitable<Result<aws::Credentials>>()> credentials;
    std::function<void()> refused;  ///< EC2 takes those credentials no more
    std::function<awaitable<Result<Endpoint>>()> endpoint;
  };

  /// `answer_max`: how long each answer is awaited.
  Api(const boost::asio::any_io_executor& executor, http::ClientConfig client, Caller caller,
      base::Millis answer_max);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  /// The Api must outlive the call. Errors as errorOf has them; kTimeout: there was no answer;
  /// kCancelled: given up before anything was sent that EC2 may have heeded.
  awaitable<Reply> call(Query query, Patience patience);

  /// All that stands in the list `list_name` of all pages of the answer.
  awaitable<Result<std::vector<Element>>> callForList(Query query, std::string list_name,
                                                      Patience patience);

 private:
  struct Attempt {
    Reply reply;
    bool sent = false;  ///< EC2 may have heeded it
  };
  awaitable<Attempt> attempt(Query query, Patience patience);
  awaitable<Result<http::ClientResponse>> send(http::ClientRequest request, GiveUp give_up);

  http::Client client_;
  Caller caller_;
  base::Millis answer_max_;
};

}  // namespace tango::vmms::ec2
