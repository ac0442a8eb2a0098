#include "vmms/docker/container_spec.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/array.hpp>

#include "model/limits.hpp"

namespace tango::vmms::docker {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;

// Docker takes no container of less memory (6 MiB), and autodriver needs some itself.
constexpr std::uint64_t kMemoryMin = 16 * model::kMiB;
constexpr std::uint64_t kCoverBytes = 4096;
constexpr unsigned kCoverMode = 0755;
constexpr std::uint64_t kOwnProcesses = 2;  // autodriver and its warden

struct Room {
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
};

/// A file system in memory: its pages count as the container's memory.
std::string inMemory(const ContainerWish& wish, Room room, const std::string& mode) {
  const std::string inodes = wish.limit_inodes ? ",nr_inodes=" + std::to_string(room.inodes) : "";
  return "rw,exec,nosuid,nodev,size=" + std::to_string(room.bytes) + inodes + "," + mode;
}

/// All slots together have as much room as the job: a job that is all a student's may use it, too.
void addStudentSlots(json::object& folders, const ContainerWish& wish) {
  constexpr Room kLeast{256 * model::kKiB, 64};
  constexpr Room kOfSocket{64 * model::kKiB, 64};
  const model::MachineSpec& machine = wish.machine;
  const Room room{std::max(machine.disk_bytes / kStudentSlots, kLeast.bytes),
                  std::max(machine.disk_inodes / kStudentSlots, kLeast.inodes)};
  folders[kStudentFolder] = inMemory(wish, kOfSocket, "mode=0755");
  for (unsigned slot = 1; slot <= kStudentSlots; ++slot) {
    folders[std::string(kStudentFolder) + "/" + std::to_string(slot)] =
        inMemory(wish, room, "mode=0700");
  }
}

json::object foldersInMemory(const ContainerWish& wish, const ProbedImage& image) {
  const std::string job_folder =
      image.home + (image.keeps_home ? std::string("/") + kJobFolderName : "");
  const Room room{wish.machine.disk_bytes, wish.machine.disk_inodes};
  json::object folders = {
      {job_folder, inMemory(wish, room, "mode=0755")},  // autodriver gives it to the job's user
      {"/tmp", inMemory(wish, room, "mode=1777")},
      {"/var/tmp", inMemory(wish, room, "mode=1777")},
      {"/dev/shm", inMemory(wish, room, "mode=1777")}};  // the engine's own has no bound of files
  addStudentSlots(folders, wish);
  return folders;
}

json::object ownersOptions(const std::string& owner) {
  return {{"Labels", json::object{{kOwnerLabel, owner}}}};
}

json::object autodriverMount(const std::string& owner) {
  return {{"Type", "volume"},
          {"Source", autodriverVolume(owner)},
          {"Target", kOurFolder},
          {"ReadOnly", true},
          {"VolumeOptions", ownersOptions(owner)}};
}

json::array command(const ContainerWish& wish, const ProbedImage& image) {
  json::array words = {"--stand-by", "--lease=" + std::to_string(wish.lease.count()),
                       "--memory=" + std::to_string(wish.machine.memory_bytes)};
  if (!image.has_user) {
    words.emplace_back("--user=" + std::to_string(image.uid));
  }
  return words;
}

// A folder that the image declares as a volume would be one on the host's disk, which a job could
// fill; so it is covered, by one that is empty and root's.
json::array mountsOf(const std::string& owner, const ProbedImage& image) {
  json::array mounts = {autodriverMount(owner)};
  if (!image.has_user) {
    mounts.push_back(json::object{
        {"Type", "volume"}, {"Target", kEtc}, {"VolumeOptions", ownersOptions(owner)}});
  }
  for (const std::string& folder : image.volumes) {
    mounts.push_back(json::object{
        {"Type", "tmpfs"},
        {"Target", folder},
        {"TmpfsOptions", json::object{{"SizeBytes", kCoverBytes}, {"Mode", kCoverMode}}}});
  }
  return mounts;
}

json::object hostConfig(const ContainerWish& wish, const ProbedImage& image) {
  const model::MachineSpec& machine = wish.machine;
  json::object host = {
      {"AutoRemove", true},
      {"ReadonlyRootfs", true},
      {"NetworkMode", machine.network ? "default" : "none"},
      {"Memory", machine.memory_bytes},
      {"MemorySwap", machine.memory_bytes},  // the two together: no swap
      {"PidsLimit", processesMax(wish.processes)},
      {"CapDrop", json::array{"ALL"}},
      {"CapAdd", json::array{"CHOWN", "KILL", "SETGID", "SETPCAP", "SETUID"}},
      {"SecurityOpt", json::array{"no-new-privileges"}},
      {"IpcMode", "private"},
      {"LogConfig", json::object{{"Type", "none"}}},
      {"Ulimits", json::array{json::object{{"Name", "core"}, {"Soft", 0}, {"Hard", 0}}}},
      {"Tmpfs", foldersInMemory(wish, image)},
      {"Mounts", mountsOf(wish.owner, image)},
  };
  std::uint64_t cpu_millis = machine.cpu_millis;
  if (wish.host_cpu_millis > 0) {
    cpu_millis = std::min(cpu_millis, wish.host_cpu_millis);
  }
  if (cpu_millis > 0) {
    host["NanoCpus"] = cpu_millis * 1'000'000;
  }
  return host;
}

}  // namespace

std::string containerName(const std::string& owner, const model::VmName& name) {
  return "tango-" + owner + "-" + name.text();
}

Result<model::VmName> vmNameOf(const ContainerEntry& container) {
  model::VmName name;
  name.prefix = container.label(kPrefixLabel);
  name.image = container.label(kImageLabel);
  const std::string id = container.label(kIdLabel);
  const char* const end = id.data() + id.size();
  const auto parsed = std::from_chars(id.data(), end, name.id);
  if (id.empty() || parsed.ec != std::errc() || parsed.ptr != end || name.prefix.empty()) {
    return Error(ErrorKind::kInvalid, "container " + container.id + " has none of our labels");
  }
  return name;
}

std::string autodriverVolume(const std::string& owner) {
  return "tango-" + owner + "-autodriver";
}

json::object providingSpec(const std::string& owner, const std::string& image_id) {
  json::object mount = autodriverMount(owner);
  mount["ReadOnly"] = false;
  return {{"Image", image_id},
          {"Entrypoint", json::array{"/"}},  // it is never started
          {"Labels", json::object{{kOwnerLabel, owner}}},
          {"HostConfig",
           json::object{{"Mounts", json::array{std::move(mount)}}, {"NetworkMode", "none"}}}};
}

std::string ownerFilter(const std::string& owner) {
  return std::string(kOwnerLabel) + "=" + owner;
}

std::vector<std::string> vmFilter(const std::string& owner, const model::VmName& name) {
  return {ownerFilter(owner), std::string(kPrefixLabel) + "=" + name.prefix,
          std::string(kIdLabel) + "=" + std::to_string(name.id)};
}

std::uint64_t processesMax(std::uint64_t processes) {
  return processes + kOwnProcesses;
}

Result<json::object> containerSpec(const ContainerWish& wish, const ProbedImage& image) {
  const model::MachineSpec& machine = wish.machine;
  if (machine.io_bytes_per_second > 0) {
    return Error(ErrorKind::kUnsupported,
                 "the disk traffic of a container cannot be limited: leave io_rate away");
  }
  if (machine.disk_bytes == 0 || machine.disk_inodes == 0) {
    return Error(ErrorKind::kInvalid, "disk: a container needs a limit of bytes and of inodes");
  }
  if (machine.memory_bytes < kMemoryMin) {
    return Error(ErrorKind::kInvalid, "memory: a container needs at least 16 MiB");
  }
  return json::object{
      {"Image", image.id},
      {"Hostname", "tango"},
      {"User", "0:0"},
      {"WorkingDir", "/"},
      {"Entrypoint", json::array{std::string(kOurFolder) + "/" + kAutodriverName}},
      {"Cmd", command(wish, image)},
      {"OpenStdin", true},
      {"StdinOnce", false},  // it outlives our connection, for as long as its lease
      {"AttachStdin", true},
      {"AttachStdout", true},
      {"AttachStderr", true},
      {"Tty", false},
      {"Healthcheck", json::object{{"Test", json::array{"NONE"}}}},
      {"Labels", json::object{{kOwnerLabel, wish.owner},
                              {kPrefixLabel, wish.name.prefix},
                              {kIdLabel, std::to_string(wish.name.id)},
                              {kImageLabel, wish.name.image}}},
      {"HostConfig", hostConfig(wish, image)},
  };
}

}  // namespace tango::vmms::docker
