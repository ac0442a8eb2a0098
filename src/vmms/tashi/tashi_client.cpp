#include "vmms/tashi/tashi_client.hpp"

#include <array>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "async/within.hpp"
#include "vmms/tashi/frame.hpp"
#include "vmms/tashi/pickle_reader.hpp"
#include "vmms/tashi/rpc_messages.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using boost::asio::awaitable;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

Error broken(const error_code& failure, const char* what) {
  return {ErrorKind::kSystem, failure == boost::asio::error::eof
                                  ? "the connection ends in the middle of an answer"
                                  : std::string(what) + ": " + failure.message()};
}

awaitable<Result<std::string>> receive(tcp::socket& socket) {
  std::array<unsigned char, kFrameHeadBytes> bytes{};
  const auto [head_failure, head_size] =
      co_await boost::asio::async_read(socket, boost::asio::buffer(bytes), kAsTuple);
  if (head_failure) {
    co_return broken(head_failure, "reading an answer");
  }
  const Result<FrameHead> head = readFrameHead(bytes);
  if (!head) {
    co_return head.error();
  }
  std::string body(head->size + std::size_t{1}, '\0');
  const auto [body_failure, body_size] =
      co_await boost::asio::async_read(socket, boost::asio::buffer(body), kAsTuple);
  if (body_failure) {
    co_return broken(body_failure, "reading an answer");
  }
  co_return messageOf(*head, body);
}

awaitable<Result<RpcAnswer>> ask(tcp::socket& socket, std::string request, std::int64_t sequence) {
  const std::string frame = frameOf(request);
  const auto [failure, size] =
      co_await boost::asio::async_write(socket, boost::asio::buffer(frame), kAsTuple);
  if (failure) {
    co_return broken(failure, "sending a request");
  }
  const Result<std::string> message = co_await receive(socket);
  co_return message ? readAnswer(*message, sequence) : message.error();
}

}  // namespace

TashiClient::TashiClient(std::string host, std::uint16_t port)
    : host_(std::move(host)), port_(port) {}

awaitable<Result<TashiClient::Answer>> TashiClient::exchange(std::string method,
                                                             std::string arguments,
                                                             base::Deadline deadline) const {
  const Result<http::Addresses> found = co_await resolver_.resolve(host_, deadline);
  if (!found) {
    co_return found.error();
  }
  std::vector<tcp::endpoint> endpoints;
  for (const auto& address : *found) {
    endpoints.emplace_back(address, port_);
  }
  tcp::socket socket(co_await boost::asio::this_coro::executor);
  const auto [failure, endpoint] = co_await boost::asio::async_connect(socket, endpoints, kAsTuple);
  if (failure) {
    co_return broken(failure, "connecting");
  }
  constexpr std::int64_t kFirst = 1;
  const Result<RpcAnswer> root = co_await ask(socket, rootRequest(kFirst), kFirst);
  if (!root) {
    co_return root.error();
  }
  if (root->refused) {
    co_return Answer{Refusal{0, root->words}, {}};
  }
  const Result<std::int64_t> root_id = rootIdOf(*root);
  if (!root_id) {
    co_return root_id.error();
  }
  const Result<RpcAnswer> said =
      co_await ask(socket, callRequest(kFirst + 1, *root_id, method, arguments), kFirst + 1);
  if (!said) {
    co_return said.error();
  }
  if (said->refused) {
    co_return Answer{Refusal{0, said->words}, {}};
  }
  const Result<std::string> text = textOf(*said);
  Result<Pickle> value = text ? readPickle(*text) : Result<Pickle>(text.error());
  if (!value) {
    co_return value.error();
  }
  std::optional<Refusal> refusal = refusalIn(*value);
  co_return Answer{std::move(refusal), *std::move(value)};
}

awaitable<Result<TashiClient::Answer>> TashiClient::call(std::string method, std::string arguments,
                                                         base::Deadline deadline) const {
  const std::string what = "tashi " + host_ + " port " + std::to_string(port_) + ": " + method;
  Result<Answer> answer =
      co_await async::within(deadline, exchange(std::move(method), std::move(arguments), deadline),
                             "it does not answer in time");
  co_return answer ? std::move(answer) : Result<Answer>(answer.error().during(what));
}

}  // namespace tango::vmms::tashi
