// The clients' keys. A guess costs its address time, and how long a comparison takes tells nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"

namespace tango::api {

class Keys {
 public:
  Keys(boost::asio::any_io_executor executor, std::vector<std::string> keys);

  /// Whether `presented` is one of the keys. A wrong one is answered late: the pause doubles with
  /// each that the same address sends, up to some seconds, and is forgotten after some minutes. A
  /// right one is never held up by an earlier wrong one.
  boost::asio::awaitable<bool> check(std::string presented, std::string client);

 private:
  struct Guesses {
    int count = 0;
    base::Deadline last;
  };
  [[nodiscard]] bool isKey(std::string_view presented) const;
  base::Millis pauseFor(const std::string& client);

  boost::asio::any_io_executor executor_;
  std::vector<std::string> digests_;  ///< SHA-256: comparing them tells neither length nor prefix
  std::map<std::string, Guesses> guesses_;  ///< by address, bounded
};

}  // namespace tango::api
