#include "unit/http/raw_client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace tango::test {
namespace {

// A server that does not answer fails its test; this is no measure of how fast it should be.
constexpr timeval kPatience{60, 0};

base::UniqueFd newSocket(int family) {
  base::UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(fd);
  REQUIRE(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience)) == 0);
  REQUIRE(::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience)) == 0);
  return fd;
}

template <class Address>
void connectTo(int fd, const Address& address) {
  REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
}

std::string lowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

RawClient::RawClient() : fd_(newSocket(AF_INET)) {}

RawClient::RawClient(std::uint16_t port, bool v6, int receive_bytes)
    : fd_(newSocket(v6 ? AF_INET6 : AF_INET)) {
  if (receive_bytes > 0) {
    REQUIRE(::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof(receive_bytes)) ==
            0);
  }
  if (!v6) {
    connect(port);
    return;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_addr = in6addr_loopback;
  connectTo(fd_.get(), address);
}

void RawClient::connect(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connectTo(fd_.get(), address);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::endSending() {
  ::shutdown(fd_.get(), SHUT_WR);
}

void RawClient::vanish() {
  const linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  fd_.reset();
}

bool RawClient::receive() {
  std::array<char, 64 * 1024> piece;
  const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
  if (got < 0) {
    REQUIRE_MESSAGE(errno != EAGAIN, "the server does not answer");
  }
  received_.append(piece.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  return got > 0;
}

Answer RawClient::answer(bool head_only) {
  for (;;) {
    Answer answer = takeAnswer(received_, head_only);
    if (answer.status != 0 || !receive()) {
      return answer;
    }
  }
}

Answer RawClient::ask(std::string_view bytes) {
  send(bytes);
  return answer();
}

std::string RawClient::rest() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

std::string get(std::string_view path, std::string_view headers) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view headers) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

Answer takeAnswer(std::string& received, bool head_only) {
  Answer answer;
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) {
    return answer;
  }
  std::size_t bytes = 0;
  std::size_t at = received.find("\r\n") + 2;
  while (at < end + 2) {
    const std::size_t colon = received.find(": ", at);
    const std::size_t line_end = received.find("\r\n", at);
    answer.headers[lowerCase(received.substr(at, colon - at))] =
        received.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  if (const auto length = answer.headers.find("content-length");
      length != answer.headers.end() && !head_only) {
    bytes = std::strtoull(length->second.c_str(), nullptr, 10);
  }
  if (received.size() < end + 4 + bytes) {
    return answer;
  }
  answer.version = received.substr(0, 8);
  answer.status = std::atoi(received.c_str() + 9);
  answer.body = received.substr(end + 4, bytes);
  received.erase(0, end + 4 + bytes);
  return answer;
}

}  // namespace tango::test
