// Asks a server on 127.0.0.1 for the same thing again and again over kept connections, and prints
// how long that took: `SECONDS ERRORS`. An error is any status but 200.
//
// Usage: http_load PORT CONNECTIONS REQUESTS METHOD PATH [BODY]
//
// Every "%N%" in the body is replaced by the request's number.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

long number(const char* text) {
  return std::strtol(text, nullptr, 10);
}

int connectTo(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    die("connect");
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

struct What {
  std::string method;
  std::string path;
  std::string body;
};

std::string requestText(const What& what, long count) {
  std::string body = what.body;
  const std::string shown = std::to_string(count);
  for (std::size_t at = 0; (at = body.find("%N%", at)) != std::string::npos; at += shown.size()) {
    body.replace(at, 3, shown);
  }
  std::string text = what.method + " " + what.path + " HTTP/1.1\r\nHost: bench\r\n";
  if (!body.empty()) {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

// The bytes of the first answer in `text` once it is all there, else 0.
std::size_t answerBytes(std::string_view text) {
  const std::size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) {
    return 0;
  }
  std::string lower(text.substr(0, head));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view kLength = "content-length:";
  const std::size_t at = lower.find(kLength);
  std::size_t length = 0;
  if (at != std::string::npos) {
    const std::size_t digits = lower.find_first_not_of(' ', at + kLength.size());
    std::from_chars(lower.data() + digits, lower.data() + lower.size(), length);
  }
  const std::size_t all = head + 4 + length;
  return text.size() >= all ? all : 0;
}

struct Connection {
  int fd = -1;
  std::string received;
};

class Load {
 public:
  Load(std::uint16_t port, long connections, long requests, What what)
      : requests_(requests), what_(std::move(what)) {
    for (long i = 0; i < connections; ++i) {
      connections_.push_back({connectTo(port), {}});
    }
  }

  void run() {
    std::vector<pollfd> polled;
    for (Connection& each : connections_) {
      ask(each);
      polled.push_back({each.fd, POLLIN, 0});
    }
    while (answered_ < std::min(requests_, asked_) || asked_ < requests_) {
      if (::poll(polled.data(), polled.size(), -1) < 0) {
        die("poll");
      }
      for (std::size_t i = 0; i < polled.size(); ++i) {
        if (polled[i].revents != 0) {
          receive(connections_[i]);
        }
      }
    }
  }
  [[nodiscard]] long errors() const { return errors_; }

 private:
  void ask(Connection& connection) {
    if (asked_ >= requests_) {
      return;
    }
    const std::string text = requestText(what_, ++asked_);
    if (::send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(text.size())) {
      die("send");
    }
  }

  void receive(Connection& connection) {
    std::array<char, 256 * 1024> buffer{};
    const ssize_t got = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      die("recv");
    }
    connection.received.append(buffer.data(), static_cast<std::size_t>(got));
    while (const std::size_t bytes = answerBytes(connection.received)) {
      errors_ += connection.received.starts_with("HTTP/1.1 200") ? 0 : 1;
      connection.received.erase(0, bytes);
      ++answered_;
      ask(connection);
    }
  }

  const long requests_;
  const What what_;
  std::vector<Connection> connections_;
  long asked_ = 0;
  long answered_ = 0;
  long errors_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fputs("usage: http_load PORT CONNECTIONS REQUESTS METHOD PATH [BODY]\n", stderr);
    return 64;
  }
  Load load(static_cast<std::uint16_t>(number(argv[1])), number(argv[2]), number(argv[3]),
            {argv[4], argv[5], argc > 6 ? argv[6] : ""});
  const auto begin = std::chrono::steady_clock::now();
  load.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%.6f %ld\n", took.count(), load.errors());
  return load.errors() == 0 ? 0 : 1;
}
