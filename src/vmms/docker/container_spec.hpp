// What a VM is as a container: the body of `POST /containers/create`.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "model/machine_spec.hpp"
#include "model/vm.hpp"
#include "vmms/docker/engine.hpp"
#include "vmms/docker/image_probe.hpp"

namespace tango::vmms::docker {

// Our labels; VMs are found by them.
inline constexpr const char* kOwnerLabel = "tango.owner";
inline constexpr const char* kPrefixLabel = "tango.prefix";
inline constexpr const char* kIdLabel = "tango.id";
inline constexpr const char* kImageLabel = "tango.image";

/// Where our programs are in a container: a volume that all containers of a service on one host
/// read. tango-student is where autodriver looks for it.
inline constexpr const char* kOurFolder = "/.tango";
inline constexpr const char* kAutodriverName = "autodriver";
inline constexpr const char* kStudentName = "tango-student";
inline constexpr const char* kStudentPlace = "bin/tango-student";

/// Where autodriver looks for slots, in which students' commands have their files: folders 1 to
/// kStudentSlots (apps/autodriver/student_slots.hpp).
inline constexpr const char* kStudentFolder = "/run/tango-student";
inline constexpr unsigned kStudentSlots = 8;
inline constexpr const char* kEtc = "/etc";

struct ContainerWish {
  model::VmName name;
  model::MachineSpec machine;
  std::string owner;
  std::chrono::seconds lease{0};
  std::uint64_t processes = 0;        ///< of the job
  bool limit_inodes = true;           ///< false: the engine cannot, and that is allowed
  std::uint64_t host_cpu_millis = 0;  ///< the most that the engine accepts; 0: unknown
};

/// `TANGO-OWNER-NAME`, as the container of `name` is called on its host.
std::string containerName(const std::string& owner, const model::VmName& name);
/// The VM that a container of ours is; kInvalid: its labels are not ours.
Result<model::VmName> vmNameOf(const ContainerEntry& container);
/// The label by which all containers of `owner` are found.
std::string ownerFilter(const std::string& owner);
/// The labels by which the container of one VM is found.
std::vector<std::string> vmFilter(const std::string& owner, const model::VmName& name);

/// The name of the volume that holds our programs on each host.
std::string autodriverVolume(const std::string& owner);
/// A container of `image_id` that is never started: through it they are put into that volume.
boost::json::object providingSpec(const std::string& owner, const std::string& image_id);

/// The control group's bound for a job of `processes`: autodriver's own two come on top.
std::uint64_t processesMax(std::uint64_t processes);

/// kUnsupported: what a container cannot be held to (disk traffic).
Result<boost::json::object> containerSpec(const ContainerWish& wish, const ProbedImage& image);

}  // namespace tango::vmms::docker
