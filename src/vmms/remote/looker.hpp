// Looks at what the cloud has, and tells each machine what became of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/event.hpp"
#include "base/backoff.hpp"
#include "vmms/remote/ground.hpp"
#include "vmms/remote/machine.hpp"

namespace tango::vmms::remote {

class Looker : public std::enable_shared_from_this<Looker> {
 public:
  explicit Looker(GroundPtr ground);

  /// Someone waits for what a look may bring: the cloud is asked often, as long as this lives.
  class Awaiting {
   public:
    explicit Awaiting(std::shared_ptr<Looker> looker);
    Awaiting(const Awaiting&) = delete;
    Awaiting& operator=(const Awaiting&) = delete;
    ~Awaiting() { --looker_->awaiting_; }

   private:
    std::shared_ptr<Looker> looker_;
  };

  /// Looks by itself from now on, as long as there is something to look for.
  void start();
  void stop();
  [[nodiscard]] boost::asio::awaitable<void> ended() { return ended_.wait(); }

  /// Asks the cloud, and tells the machines. Behind it `listed` is not older than the call.
  boost::asio::awaitable<Result<void>> look();
  /// Looks soon.
  void hurry();

  /// From now on `machine`, whose id is known, is told.
  void watch(const MachinePtr& machine);
  [[nodiscard]] std::vector<MachinePtr> watched() const;
  /// What has that name was destroyed by us, but what is alive and watched; "" where its id is not
  /// known: the cloud may have made it without our knowing. It is destroyed again if it turns up.
  void depart(const model::VmName& name, const std::string& id);

  /// What has that name is one that we make, from now on.
  void expect(const model::VmName& name);

  /// Returns once `machine` runs and has an address. Call it under `unlessEnded`.
  boost::asio::awaitable<void> awaitRunning(MachinePtr machine);

  /// What of ours the cloud had at the last look, without what was destroyed since.
  [[nodiscard]] std::vector<Instance> alive() const;
  /// Something has that name at the last look, and be it on its way out.
  [[nodiscard]] bool lists(const model::VmName& name) const;
  [[nodiscard]] bool hasLooked() const { return looked_at_.has_value(); }
  /// Why the last look failed; "": it did not.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  struct Departed {
    std::string name;
    std::string id;
    base::Deadline since;
  };

  static boost::asio::awaitable<void> keepLooking(std::shared_ptr<Looker> self);
  boost::asio::awaitable<void> pause();
  boost::asio::awaitable<void> destroyAgain();
  void tellAll(base::Deadline asked_at);
  void tell(Machine& machine, base::Deadline asked_at) const;
  void noteFailure(const base::Error& error);
  [[nodiscard]] bool isDeparted(const Instance& instance) const;
  [[nodiscard]] bool hasReason() const { return !watched_.empty() || !departed_.empty(); }

  const GroundPtr ground_;
  std::vector<std::weak_ptr<Machine>> watched_;
  std::vector<Departed> departed_;
  std::vector<Instance> listed_;
  std::optional<base::Deadline> looked_at_;  ///< when that was asked for
  std::string trouble_;
  base::Backoff backoff_;
  int awaiting_ = 0;
  bool hurried_ = false;
  async::Signal wake_;
  async::Signal looked_;
  async::Event stopping_;
  async::Event ended_;
};

using LookerPtr = std::shared_ptr<Looker>;

}  // namespace tango::vmms::remote
