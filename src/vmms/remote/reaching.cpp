#include "vmms/remote/reaching.hpp"

#include <fstream>
#include <system_error>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/within.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "vmms/remote/known_hosts.hpp"
#include "vmms/remote/shell_commands.hpp"

namespace tango::vmms::remote {
namespace {

using base::after;
using base::Error;
using base::ErrorKind;
using base::Millis;
using boost::asio::ip::tcp;

constexpr Millis kKnockMax{2'000};
constexpr std::uint16_t kSshPort = 22;
constexpr std::size_t kNameBytes = 8;
/// ssh may know a way that we do not (a jump host): it is tried now and then though nobody answers.
constexpr int kSshAnyway = 5;

Error contradicted(Machine& machine) {
  machine.unusable = true;
  Error error(ErrorKind::kSystem, "its host key is not the one that its console shows");
  base::logWarning("remote: " + machine.name.text() + ": " + error.message());
  return error;
}

awaitable<Result<void>> greet(ConnectionPtr connection) {
  return carriedOut(std::move(connection), inShell("echo " + std::string(kDone)));
}

awaitable<Result<void>> connect(boost::asio::any_io_executor executor, tcp::endpoint where) {
  tcp::socket socket(executor);
  const auto [failure] =
      co_await socket.async_connect(where, boost::asio::as_tuple(boost::asio::use_awaitable));
  co_return failure ? Error(ErrorKind::kSystem, failure.message()) : Result<void>();
}

}  // namespace

bool isKeyRefused(const Error& error) {
  return error.message().find("Host key verification failed") != std::string::npos;
}

ssh::SshTarget Reaching::target(const Machine& machine, bool learns) const {
  ssh::SshTarget target = ground_->cloud->target(machine.seen);
  target.known_hosts_file = machine.known_hosts;
  target.host_key_alias = kHostKeyAlias;
  target.learns_key = learns;
  return target;
}

// A short way to see that it still boots. A name, which ssh may know better than we, is not looked
// up.
awaitable<Result<void>> Reaching::knock(MachinePtr machine) const {
  const ssh::SshTarget there = ground_->cloud->target(machine->seen);
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(there.host, is_name);
  const bool tries_anyway = ++machine->knocks % kSshAnyway == 0;
  if (is_name || tries_anyway) {
    co_return Result<void>();
  }
  const tcp::endpoint where(address, there.port == 0 ? kSshPort : there.port);
  const Result<void> opened =
      co_await async::within(after(kKnockMax), connect(ground_->executor, where), "nobody answers");
  co_return opened
      ? opened
      : opened.error().during("port " + std::to_string(where.port()) + " of " + there.host);
}

Result<void> Reaching::prepareFile(Machine& machine) const {
  if (machine.known_hosts.empty()) {
    const Result<std::string> name = base::randomHex(kNameBytes);
    if (!name) {
      return name.error();
    }
    machine.known_hosts = ground_->folder / (*name + ".key");
  }
  return {};
}

// Until it lets us in, the key may be one that was in its image, and be replaced while it boots.
awaitable<Result<void>> Reaching::learnKey(MachinePtr machine) const {
  std::error_code ignored;
  std::filesystem::remove(machine->known_hosts, ignored);
  Result<void> came_in = co_await greet(std::make_shared<ssh::SshConnection>(
      ground_->executor, target(*machine, true), ground_->folder, ground_->config.patience));
  if (came_in && keysOfFile(machine->known_hosts).empty()) {
    came_in = Error(ErrorKind::kSystem, "ssh did not take down the machine's host key");
  }
  co_return came_in;
}

awaitable<Result<void>> Reaching::compare(MachinePtr machine) {
  if (machine->confirmed) {
    co_return Result<void>();
  }
  const Result<std::vector<std::string>> shown = co_await ground_->cloud->hostKeys(machine->id);
  if (!shown) {
    machine->trouble = "its console cannot be read: " + shown.error().message();
    co_return Result<void>();
  }
  switch (witness(keysOfFile(machine->known_hosts), *shown)) {
    case Witness::kConfirms:
      machine->confirmed = true;
      break;
    case Witness::kSilent:
      machine->trouble = "its console has not shown its host key yet";
      break;
    case Witness::kContradicts:
      co_return contradicted(*machine);
  }
  co_return Result<void>();
}

awaitable<Result<void>> Reaching::awaitConfirmation(MachinePtr machine) {
  for (;;) {
    const Result<void> compared = co_await compare(machine);
    if (!compared || machine->confirmed || !ground_->config.console_key_required) {
      co_return compared;
    }
    co_await ground_->pause(ground_->config.look_often);
  }
}

// Where the console has told its keys already, no other one is ever let near.
awaitable<Result<void>> Reaching::comeInBy(MachinePtr machine, std::vector<std::string> keys) {
  std::ofstream file(machine->known_hosts, std::ios::binary | std::ios::trunc);
  for (const std::string& key : keys) {
    file << kHostKeyAlias << ' ' << key << '\n';
  }
  file.close();
  if (!file) {
    co_return Error(ErrorKind::kSystem, "write " + machine->known_hosts.string());
  }
  const Result<void> came_in = co_await greet(connection(*machine));
  if (!came_in && isKeyRefused(came_in.error())) {
    co_return contradicted(*machine);
  }
  machine->confirmed = came_in.ok();
  co_return came_in;
}

awaitable<Result<void>> Reaching::comeIn(MachinePtr machine) {
  const Result<void> prepared = prepareFile(*machine);
  if (!prepared) {
    co_return prepared;
  }
  const Result<std::vector<std::string>> shown = co_await ground_->cloud->hostKeys(machine->id);
  if (shown && !shown->empty()) {
    Result<void> came_in = co_await comeInBy(machine, *shown);
    co_return came_in;
  }
  const Result<void> learnt = co_await learnKey(machine);
  if (!learnt) {
    co_return learnt;
  }
  Result<void> confirmed = co_await awaitConfirmation(machine);
  co_return confirmed;
}

awaitable<Result<void>> Reaching::meet(MachinePtr machine) {
  if (machine->met) {
    co_return Result<void>();
  }
  const Result<void> answers = co_await knock(machine);
  if (!answers) {
    co_return answers;
  }
  const Result<void> came_in = co_await comeIn(machine);
  machine->met = came_in.ok();
  co_return came_in;
}

ConnectionPtr Reaching::connection(Machine& machine) const {
  if (!machine.connection || machine.connected_to != machine.seen.address) {
    machine.connected_to = machine.seen.address;
    machine.connection = std::make_shared<ssh::SshConnection>(
        ground_->executor, target(machine, false), ground_->folder, ground_->config.patience);
  }
  return machine.connection;
}

}  // namespace tango::vmms::remote
