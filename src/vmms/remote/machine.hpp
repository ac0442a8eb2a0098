// One VM as the service knows it: a machine of a cloud, the connection to it, and the session with
// the autodriver that stands by in it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "async/event.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "vmms/call.hpp"
#include "vmms/driven/drive_session.hpp"
#include "vmms/driven/driven_machine.hpp"
#include "vmms/remote/cloud.hpp"
#include "vmms/remote/ssh_stream.hpp"

namespace tango::vmms::remote {

struct Machine : driven::DrivenMachine {
  Machine(const boost::asio::any_io_executor& executor, model::VmName vm_name,
          model::MachineSpec wanted)
      : DrivenMachine(executor, std::move(vm_name), std::move(wanted)),
        ended(executor),
        attached(executor) {}

  /// Whoever does something with it stops soon: it is destroyed, or the cloud has it no more.
  void lose(base::Error why) {
    if (!ended.isSet()) {
      lost = std::move(why);
      ended.set();
    }
  }
  /// Why, once `ended` is set.
  [[nodiscard]] base::Error endedError() const {
    return isDestroyed() || !lost ? destroyedError() : *lost;
  }
  /// The session is there, and what carries it has not ended.
  [[nodiscard]] bool isAttached() const { return session && !line->hasEnded(); }

  // As the cloud has it.
  std::string id;            ///< "": not made, as far as is known
  Instance seen;             ///< as it was listed last
  base::Deadline seen_at{};  ///< when that, or its making, was
  std::optional<base::Error> lost;
  async::Event ended;

  // How it is reached.
  std::filesystem::path known_hosts;  ///< a file of its own, with the key that it was met with
  int knocks = 0;                     ///< attempts to meet it
  bool met = false;
  bool confirmed = false;  ///< that key is the one that its console shows
  bool unusable = false;   ///< another attempt to make it ready is in vain
  std::string trouble;     ///< why it is not ready yet
  ConnectionPtr connection;
  std::string connected_to;  ///< an address

  // Its autodriver.
  std::string as_root;     ///< what a command for root there begins with
  std::string autodriver;  ///< its path there; "": not known yet
  bool attaching = false;
  async::Signal attached;                         ///< `attaching` is over
  std::shared_ptr<driven::DriveSession> session;  ///< null: it never was attached to
  LinePtr line;                                   ///< that carries it
};

using MachinePtr = std::shared_ptr<Machine>;

/// `operation`, given up when the machine has ended, which is the error then.
template <class T>
awaitable<Result<T>> unlessEnded(MachinePtr machine, awaitable<Result<T>> operation) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto first = co_await (std::move(operation) || machine->ended.wait());
  if (first.index() == 0 && !machine->ended.isSet()) {
    co_return std::get<0>(std::move(first));
  }
  co_return machine->endedError();
}

}  // namespace tango::vmms::remote
