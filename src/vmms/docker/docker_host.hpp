// One Docker host: its engine, what it has, what of it is in use, and whether it is in trouble.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/backoff.hpp"
#include "vmms/docker/docker_vmms.hpp"
#include "vmms/docker/engine.hpp"
#include "vmms/docker/image_probe.hpp"
#include "vmms/docker/placement.hpp"

namespace tango::vmms::docker {

class DockerHost {
 public:
  DockerHost(const boost::asio::any_io_executor& executor, DockerHostConfig config,
             const std::filesystem::path& control_folder);

  [[nodiscard]] const std::string& name() const { return config_.name; }
  [[nodiscard]] Engine& engine() { return engine_; }
  /// What the engine said of the host; empty before the first meeting.
  [[nodiscard]] const EngineInfo& info() const { return info_; }

  /// Meets the engine. kUnsupported: it cannot hold jobs to their limits (unless
  /// `allow_unenforced`), or its machine is of another architecture than this one.
  awaitable<Result<void>> meet(bool allow_unenforced);

  /// What containers of `reference` need to know of it; asked once for each content.
  awaitable<Result<ProbedImage>> probe(std::string reference, std::string owner);
  /// A container that is never to start may be there now.
  [[nodiscard]] bool isProbing() const {
    return probing_ > 0 || autodriver == Autodriver::kOnItsWay;
  }

  /// Our autodriver is in its volume there, as far as we know.
  enum class Autodriver { kMissing, kOnItsWay, kThere };
  Autodriver autodriver = Autodriver::kMissing;

  // Shares of its cores and memory.
  [[nodiscard]] HostRoom room() const { return {capacity_, used_, isOpen()}; }
  void take(const Capacity& share) { used_ = plus(used_, share); }
  void giveBack(const Capacity& share) { used_ = minus(used_, share); }

  // Trouble. A host in trouble gets no VMs until it has been met again.
  void setAside(const base::Error& error);
  void takeUp();
  [[nodiscard]] bool inTrouble() const { return backoff_.failing(); }
  /// When it is to be met again, if it is in trouble.
  [[nodiscard]] base::Deadline retryAt() const { return backoff_.until(); }
  /// Since when it has not answered, if it does not.
  [[nodiscard]] std::optional<base::Deadline> silentSince() const { return silent_since_; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

  void drain(bool drained) { drained_ = drained; }
  /// It is no longer among the addresses of its name: as if drained.
  void setGone(bool gone) { gone_ = gone; }
  [[nodiscard]] bool isOpen() const { return met_ && !inTrouble() && !drained_ && !gone_; }
  [[nodiscard]] HostView view() const;

 private:
  const DockerHostConfig config_;
  Engine engine_;
  EngineInfo info_;
  Capacity capacity_;
  Capacity used_;
  bool met_ = false;
  bool drained_ = false;
  bool gone_ = false;
  base::Backoff backoff_;
  std::string trouble_;
  std::optional<base::Deadline> silent_since_;
  std::map<std::string, ProbedImage> probed_;  ///< by the image's id
  int probing_ = 0;
};

using HostPtr = std::shared_ptr<DockerHost>;

}  // namespace tango::vmms::docker
