// A client that sends what bytes it is told to, and takes answers apart by itself: nothing of the
// server's own code is between a test and the wire.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace tango::test {

struct Answer {
  int status = 0;  ///< 0: the connection ended before there was one
  std::string version;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

class RawClient {
 public:
  /// Connects to the loopback address of that family. `receive_bytes`: of the kernel's buffer; 0:
  /// as it is.
  explicit RawClient(std::uint16_t port, bool v6 = false, int receive_bytes = 0);

  /// Has its descriptor, and no connection.
  RawClient();
  void connect(std::uint16_t port);

  /// False: the connection is broken.
  bool send(std::string_view bytes);
  /// The server reads the end.
  void endSending();
  /// Closes so that the server's next read fails (RST).
  void vanish();

  /// The next answer; `head_only`: one to HEAD, which has no body whatever it announces.
  Answer answer(bool head_only = false);
  /// Sends and reads.
  Answer ask(std::string_view bytes);
  /// Until the server ends the connection: everything that still comes.
  std::string rest();
  /// The server has ended the connection, and nothing came before that.
  bool ended() { return rest().empty(); }

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  bool receive();

  base::UniqueFd fd_;
  std::string received_;
};

/// "GET PATH HTTP/1.1" with a Host.
std::string get(std::string_view path, std::string_view headers = "");
/// "POST PATH HTTP/1.1" with a Host, a Content-Length and the body.
std::string post(std::string_view path, std::string_view body, std::string_view headers = "");

/// Takes an answer out of `received` once it is all there; status 0: it is not.
Answer takeAnswer(std::string& received, bool head_only);

}  // namespace tango::test
