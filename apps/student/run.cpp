#include "student/run.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sandbox/protocol.hpp"
#include "student/files.hpp"
#include "student/streams.hpp"

namespace tango::student {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::systemError;
using base::UniqueFd;
using sandbox::Message;
using sandbox::MessageType;
using sandbox::StudentRequest;

bool isPassedOn(std::string_view name) {
  constexpr std::array<std::string_view, 5> kNames = {"PATH", "LANG", "LANGUAGE", "TZ", "HOME"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || name.starts_with("LC_");
}

std::vector<std::string> environmentFor(const Options& options) {
  std::vector<std::string> all = {"USER=student", "LOGNAME=student", "SHELL=/bin/sh"};
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (isPassedOn(text.substr(0, text.find('=')))) {
      all.emplace_back(text);
    }
  }
  for (const std::string& wanted : options.environment) {
    const std::string name = wanted.substr(0, wanted.find('='));
    std::erase_if(all, [&name](const std::string& one) { return one.starts_with(name + "="); });
    if (name != wanted) {
      all.push_back(wanted);
    } else if (const char* const value = std::getenv(name.c_str()); value != nullptr) {
      all.push_back(name + "=" + value);
    }
  }
  return all;
}

// Both lead to the same file: then the command's order of writing is kept.
bool sameOutput() {
  struct stat out{};
  struct stat err{};
  return ::fstat(STDOUT_FILENO, &out) == 0 && ::fstat(STDERR_FILENO, &err) == 0 &&
         out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

bool connectAt(int connection, const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return ::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

Result<UniqueFd> connectToService() {
  UniqueFd connection(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!connection || (!connectAt(connection.get(), sandbox::kStudentSocket) &&
                      !connectAt(connection.get(), sandbox::kStudentSocketOfDriver))) {
    return Error(ErrorKind::kUnsupported,
                 systemError(errno, "nobody here runs commands for a grader").message());
  }
  return connection;
}

Result<void> ask(int connection, const Options& options) {
  const Result<std::vector<std::string>> files = filesToGive(options);
  if (!files) {
    return files.error();
  }
  Result<std::vector<std::string>> results = resultsToFetch(options);
  if (!results) {
    return results.error();
  }
  StudentRequest request;
  request.results = *std::move(results);
  request.arguments = options.command;
  request.environment = environmentFor(options);
  std::error_code failure;
  request.folder = std::filesystem::current_path(failure).string();
  request.limits = options.limits;
  request.merge_output = sameOutput();
  request.share_network = options.share_network;
  Result<void> sent =
      sandbox::sendMessage(connection, MessageType::kStudent, sandbox::encode(request));
  if (sent) {
    sent = sendFiles(connection, *files);
  }
  if (sent) {
    sent = sandbox::sendMessage(connection, MessageType::kRun);
  }
  return sent;
}

// What the service says; nothing while the command goes on.
Result<std::optional<Finished>> listen(int connection, Streams& streams) {
  Result<std::optional<Message>> received = sandbox::receiveMessage(connection);
  if (!received || !received->has_value()) {
    return Error(ErrorKind::kSystem, "the process that ran the command was killed");
  }
  Message& message = **received;
  if (message.type == MessageType::kFailed) {
    return sandbox::decodeError(message.body);
  }
  if (message.type == MessageType::kStream) {
    const Result<std::uint64_t> number = sandbox::decodeNumber(message.body);
    if (!number) {
      return number.error();
    }
    streams.take(*number, std::move(message.fd));
  }
  if (message.type == MessageType::kFile) {
    if (const Result<void> taken = takeResult(message.body, message.fd); !taken) {
      return Error(ErrorKind::kUnsupported, taken.error().message());
    }
  }
  if (message.type != MessageType::kEnded) {
    return std::optional<Finished>();
  }
  const Result<sandbox::StudentEnd> end = sandbox::decodeStudentEnd(message.body);
  if (!end) {
    return end.error();
  }
  streams.drain();  // all its processes are dead
  return std::optional<Finished>({*end, streams.outputBytes()});
}

}  // namespace

Result<Finished> runCommand(const Options& options) {
  const Result<UniqueFd> connection = connectToService();
  if (!connection) {
    return connection.error();
  }
  if (const Result<void> asked = ask(connection->get(), options); !asked) {
    // The service may have hung up on us; its reason, if it gave one, is the better one.
    ::shutdown(connection->get(), SHUT_WR);
    Streams none(0);
    const Result<std::optional<Finished>> refused = listen(connection->get(), none);
    const bool reason = !refused && refused.error().kind() != ErrorKind::kSystem;
    return Error(ErrorKind::kUnsupported, (reason ? refused.error() : asked.error()).message());
  }
  Streams streams(options.output_bytes);
  bool stopped = false;
  for (;;) {
    std::vector<pollfd> watched = streams.wanted();
    watched.push_back({connection->get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
      return systemError(errno, "wait for the command");
    }
    const bool said = watched.back().revents != 0;
    watched.pop_back();
    streams.move(watched);
    if (streams.outputFull() && !stopped) {
      stopped = true;
      static_cast<void>(sandbox::sendMessage(connection->get(), MessageType::kStop).ok());
    }
    if (!said) {
      continue;
    }
    Result<std::optional<Finished>> finished = listen(connection->get(), streams);
    if (!finished) {
      return finished.error();
    }
    if (finished->has_value()) {
      return **finished;
    }
  }
}

}  // namespace tango::student
