#include "vmms/docker/image_probe.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "async/uncancelled.hpp"
#include "base/hex.hpp"
#include "drive/account.hpp"
#include "vmms/docker/container_spec.hpp"
#include "vmms/docker/free_id.hpp"

namespace tango::vmms::docker {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;

constexpr std::uint64_t kUserFileBytesMax = 1024 * 1024;
constexpr std::uint64_t kHomeBytesMax = 256 * 1024;     // as a tarball
constexpr std::uint64_t kSkeletonBytesMax = 64 * 1024;  // of its files

Error unfit(const std::string& what) {
  return {ErrorKind::kUnsupported, "no job can run in the image: " + what};
}

/// Go's name for what uname -m says.
std::string goArchitecture(const std::string& machine) {
  if (machine == "x86_64") {
    return "amd64";
  }
  if (machine == "aarch64") {
    return "arm64";
  }
  return machine.starts_with("arm") && machine != "arm64" ? "arm" : machine;
}

Result<void> checkMachine(const ImageDetails& image, const std::string& architecture) {
  const std::string wanted = goArchitecture(architecture);
  const std::string has = goArchitecture(image.architecture);
  // An image may say nothing; and every amd64 kernel that we support runs 386.
  const bool runs = has.empty() || has == wanted || (has == "386" && wanted == "amd64");
  if (runs && (image.os.empty() || image.os == "linux")) {
    return {};
  }
  return unfit("it is for " + image.os + "/" + image.architecture + ", and the host is linux/" +
               wanted + ": build it for the host's platform");
}

bool isBeneath(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

/// The home as one plain path, without a slash at its end.
Result<std::string> plainHome(std::string home) {
  while (home.size() > 1 && home.ends_with('/')) {
    home.pop_back();
  }
  std::string_view rest = home;
  while (rest.starts_with('/')) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, rest.find('/'));
    // A comma or a colon would mean something to the engine where the folder is mounted.
    if (part.empty() || part == "." || part == ".." ||
        part.find_first_of(std::string_view(",:\0", 3)) != std::string_view::npos ||
        std::any_of(part.begin(), part.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
      return unfit("the home of its user autograde is no plain path");
    }
    rest.remove_prefix(part.size());
  }
  for (const char* taken : {"/proc", "/sys", "/dev", "/tmp", "/var/tmp", kOurFolder}) {
    if (isBeneath(home, taken)) {
      return unfit("the home of its user autograde is in " + std::string(taken) +
                   ": give it one of its own, such as /home/autograde");
    }
  }
  return home;
}

/// What `useradd -m` puts into a home; or nothing, or the empty folder that a job gets anyway.
bool isSkeleton(const std::vector<FolderEntry>& home) {
  std::uint64_t bytes = 0;
  return std::all_of(home.begin(), home.end(), [&](const FolderEntry& entry) {
    bytes += entry.bytes;
    const bool is_dot_file = entry.is_file && entry.path.starts_with('.') &&
                             entry.path.find('/') == std::string::npos &&
                             entry.bytes <= kSkeletonBytesMax && bytes <= kSkeletonBytesMax;
    return is_dot_file || (entry.is_folder && entry.path == kJobFolderName);
  });
}

/// Folders that are mounted in any case, whatever the image declares.
std::vector<std::string> otherVolumes(const ImageDetails& image, const ProbedImage& probed) {
  std::vector<std::string> ours = {kOurFolder, "/tmp", "/var/tmp", "/dev/shm",
                                   probed.home + "/" + kJobFolderName};
  if (!probed.has_user) {
    ours.emplace_back(kEtc);
  }
  if (!probed.keeps_home) {
    ours.push_back(probed.home);
  }
  std::vector<std::string> others;
  for (std::string volume : image.volumes) {
    while (volume.size() > 1 && volume.ends_with('/')) {
      volume.pop_back();
    }
    if (std::find(ours.begin(), ours.end(), volume) == ours.end()) {
      others.push_back(std::move(volume));
    }
  }
  return others;
}

/// Never started; it exists so that its files can be read.
json::object probeSpec(const std::string& image_id, const std::string& owner) {
  return {{"Image", image_id},
          {"Entrypoint", json::array{"/never-started"}},  // an image may name no program itself
          {"Cmd", json::array()},
          {"NetworkDisabled", true},
          {"Labels", json::object{{kOwnerLabel, owner}, {kProbeLabel, "1"}}},
          {"HostConfig", json::object{{"NetworkMode", "none"}}}};
}

/// One look into one image, through the container `name`.
class Probe {
 public:
  Probe(Engine& engine, std::string name, const ImageDetails& image)
      : engine_(engine), name_(std::move(name)), image_(image) {}

  awaitable<Result<ProbedImage>> look(std::string owner);

 private:
  awaitable<Result<std::string>> userFile(std::string path);
  awaitable<Result<void>> findUser(ProbedImage& probed);
  awaitable<Result<void>> lookHome(ProbedImage& probed);

  Engine& engine_;
  const std::string name_;
  const ImageDetails& image_;
};

awaitable<Result<ProbedImage>> Probe::look(std::string owner) {
  // An engine that is left alone with it makes the container all the same, but later.
  const Result<std::string> created =
      co_await async::uncancelled(engine_.createContainer(name_, probeSpec(image_.id, owner)));
  if (!created) {
    co_return created.error().during("look into the image");
  }
  ProbedImage probed;
  probed.id = image_.id;
  probed.environment = image_.environment;
  const Result<void> user = co_await findUser(probed);
  if (!user) {
    co_return user.error();
  }
  const Result<void> home = co_await lookHome(probed);
  if (!home) {
    co_return home.error();
  }
  probed.volumes = otherVolumes(image_, probed);
  co_return probed;
}

awaitable<Result<std::string>> Probe::userFile(std::string path) {
  const Result<std::optional<std::string>> text =
      co_await engine_.readFile(name_, path, kUserFileBytesMax);
  if (!text && text.error().kind() == ErrorKind::kTooLarge) {
    co_return unfit("its " + path + " is larger than 1 MiB");
  }
  if (!text) {
    co_return text.error().during("read " + path + " of the image");
  }
  co_return text->value_or("");
}

awaitable<Result<void>> Probe::findUser(ProbedImage& probed) {
  const Result<std::string> passwd = co_await userFile("/etc/passwd");
  if (!passwd) {
    co_return passwd.error();
  }
  const Result<drive::Account> account = drive::findAccount(*passwd, kJobUser);
  if (account) {
    Result<std::string> home = plainHome(account->home);
    if (!home) {
      co_return home.error();
    }
    probed.has_user = true;
    probed.home = *std::move(home);
    probed.uid = account->uid;
    probed.gid = account->gid;
    co_return Result<void>();
  }
  if (account.error().kind() != ErrorKind::kNotFound) {
    co_return unfit(account.error().message() +
                    ": make it an ordinary user with a home of its own, or leave it out, and it is "
                    "added for each job");
  }
  const Result<std::string> group = co_await userFile("/etc/group");
  if (!group) {
    co_return group.error();
  }
  probed.uid = freeId(*passwd, *group);
  probed.gid = probed.uid;
  co_return Result<void>();
}

awaitable<Result<void>> Probe::lookHome(ProbedImage& probed) {
  const Result<std::optional<std::vector<FolderEntry>>> home =
      co_await engine_.listFolder(name_, probed.home, kHomeBytesMax);
  if (home) {
    probed.keeps_home = *home && !isSkeleton(**home);
  } else if (home.error().kind() == ErrorKind::kTooLarge) {
    probed.keeps_home = true;
  } else if (home.error().kind() == ErrorKind::kInvalid) {
    co_return unfit(probed.home + ", the home of its user autograde, is no folder");
  } else {
    co_return home.error().during("look into " + probed.home + " of the image");
  }
  co_return Result<void>();
}

}  // namespace

awaitable<Result<ProbedImage>> probeImage(Engine& engine, std::string reference, std::string owner,
                                          std::string architecture) {
  const Result<ImageDetails> image = co_await engine.inspectImage(std::move(reference));
  if (!image) {
    co_return image.error();
  }
  const Result<void> fits = checkMachine(*image, architecture);
  if (!fits) {
    co_return fits.error();
  }
  const Result<std::string> suffix = base::randomHex(8);
  if (!suffix) {
    co_return suffix.error();
  }
  const std::string name = "tango-probe-" + *suffix;
  Probe probe(engine, name, *image);
  std::optional<Result<ProbedImage>> probed;
  std::exception_ptr thrown;
  try {
    Result<ProbedImage> looked = co_await probe.look(std::move(owner));
    probed.emplace(std::move(looked));
  } catch (...) {  // Asio's cancellation
    thrown = std::current_exception();
  }
  // By its name: where the engine's answer was lost, the container may be there all the same.
  const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  const Result<void> removed = co_await async::uncancelled(engine.removeContainer(name));
  co_await boost::asio::this_coro::throw_if_cancelled(throws);
  if (thrown) {
    std::rethrow_exception(thrown);
  }
  if (!removed && removed.error().kind() != ErrorKind::kNotFound && probed->ok()) {
    co_return removed.error().during("remove the container that looked into the image");
  }
  co_return *std::move(probed);
}

}  // namespace tango::vmms::docker
