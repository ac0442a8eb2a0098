#include "vmms/docker/container_spec.hpp"

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

using tango::base::ErrorKind;
using tango::model::kMiB;
using namespace tango::vmms::docker;
namespace json = boost::json;

namespace {

ContainerWish wish() {
  ContainerWish wish;
  wish.name = {"local", 17, "registry.example:5000/c/lab:1.0"};
  wish.machine.image = wish.name.image;
  wish.machine.memory_bytes = 512 * kMiB;
  wish.machine.disk_bytes = 64 * kMiB;
  wish.machine.disk_inodes = 1000;
  wish.machine.cpu_millis = 1500;
  wish.owner = "0123";
  wish.lease = std::chrono::seconds(600);
  wish.processes = 100;
  return wish;
}

ProbedImage image() {
  ProbedImage image;
  image.id = "sha256:abc";
  image.home = "/home/autograde";
  image.uid = 1001;
  image.gid = 1002;
  image.has_user = true;
  return image;
}

json::object specOf(const ContainerWish& wanted, const ProbedImage& probed) {
  const auto spec = containerSpec(wanted, probed);
  REQUIRE(spec.ok());
  return *spec;
}

json::object hostOf(const json::object& spec) {
  return spec.at("HostConfig").as_object();
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

}  // namespace

TEST_CASE("a container runs our autodriver as root and nothing of the image's choosing") {
  const json::object spec = specOf(wish(), image());
  CHECK(spec.at("Image") == "sha256:abc");
  CHECK(spec.at("User") == "0:0");
  CHECK(json::serialize(spec.at("Entrypoint")) == R"(["/.tango/autodriver"])");
  CHECK(json::serialize(spec.at("Cmd")) == R"(["--stand-by","--lease=600","--memory=536870912"])");
  ProbedImage without_user = image();
  without_user.has_user = false;
  without_user.uid = 65533;
  CHECK(json::serialize(specOf(wish(), without_user).at("Cmd")) ==
        R"(["--stand-by","--lease=600","--memory=536870912","--user=65533"])");
  CHECK(json::serialize(spec.at("Healthcheck")) == R"({"Test":["NONE"]})");
}

TEST_CASE("a container has no network, no swap, a read-only root and few capabilities") {
  const json::object host = hostOf(specOf(wish(), image()));
  CHECK(host.at("NetworkMode") == "none");
  CHECK(host.at("ReadonlyRootfs") == true);
  CHECK(host.at("Memory").to_number<std::uint64_t>() == 512 * kMiB);
  CHECK(host.at("MemorySwap").to_number<std::uint64_t>() == 512 * kMiB);
  CHECK(host.at("NanoCpus").to_number<std::uint64_t>() == 1'500'000'000);
  CHECK(host.at("PidsLimit").to_number<std::uint64_t>() == 102);
  CHECK(json::serialize(host.at("CapDrop")) == R"(["ALL"])");
  CHECK(json::serialize(host.at("CapAdd")) == R"(["CHOWN","KILL","SETGID","SETPCAP","SETUID"])");
  CHECK(json::serialize(host.at("SecurityOpt")) == R"(["no-new-privileges"])");
  CHECK(json::serialize(host.at("LogConfig")) == R"({"Type":"none"})");
  CHECK_FALSE(host.contains("Privileged"));
  CHECK_FALSE(host.contains("Binds"));
}

TEST_CASE("all that a job can write to is bounded and in memory") {
  const json::object host = hostOf(specOf(wish(), image()));
  const std::string bounds = "rw,exec,nosuid,nodev,size=67108864,nr_inodes=1000,";
  const json::object& folders = host.at("Tmpfs").as_object();
  CHECK(text(folders.at("/home/autograde")) == bounds + "mode=0755");
  CHECK(text(folders.at("/tmp")) == bounds + "mode=1777");
  CHECK(text(folders.at("/var/tmp")) == bounds + "mode=1777");
  CHECK(text(folders.at("/dev/shm")) == bounds + "mode=1777");
}

TEST_CASE("students' commands have slots of their own, together as large as the job's room") {
  const json::object folders = hostOf(specOf(wish(), image())).at("Tmpfs").as_object();
  CHECK(text(folders.at("/run/tango-student")) ==
        "rw,exec,nosuid,nodev,size=65536,nr_inodes=64,mode=0755");
  for (const std::string slot : {"1", "8"}) {
    CHECK(text(folders.at("/run/tango-student/" + slot)) ==
          "rw,exec,nosuid,nodev,size=8388608,nr_inodes=125,mode=0700");
  }
  CHECK_FALSE(folders.contains("/run/tango-student/9"));
}

TEST_CASE("an engine that cannot bound the number of files is not asked to") {
  ContainerWish wanted = wish();
  wanted.limit_inodes = false;
  const json::object host = hostOf(specOf(wanted, image()));
  CHECK(text(host.at("Tmpfs").as_object().at("/tmp")) ==
        "rw,exec,nosuid,nodev,size=67108864,mode=1777");
}

TEST_CASE("where the image's home has something in it only the job's folder is new") {
  ProbedImage with_home = image();
  with_home.keeps_home = true;
  const json::object host = hostOf(specOf(wish(), with_home));
  CHECK(host.at("Tmpfs").as_object().contains("/home/autograde/autolab"));
  CHECK_FALSE(host.at("Tmpfs").as_object().contains("/home/autograde"));
}

TEST_CASE("the folders that an image declares as volumes are covered") {
  ProbedImage with_volume = image();
  with_volume.volumes = {"/data"};
  with_volume.has_user = false;
  const json::object host = hostOf(specOf(wish(), with_volume));
  const std::string ours = R"("VolumeOptions":{"Labels":{"tango.owner":"0123"}}})";
  const std::string autodriver = R"([{"Type":"volume","Source":"tango-0123-autodriver",)"
                                 R"("Target":"/.tango","ReadOnly":true,)";
  CHECK(json::serialize(host.at("Mounts")) ==
        autodriver + ours + R"(,{"Type":"volume","Target":"/etc",)" + ours +
            R"(,{"Type":"tmpfs","Target":"/data","TmpfsOptions":{"SizeBytes":4096,"Mode":493}}])");
}

TEST_CASE("no more cores are asked for than the host has") {
  ContainerWish wanted = wish();
  wanted.machine.cpu_millis = 64'000;
  wanted.host_cpu_millis = 2000;
  CHECK(hostOf(specOf(wanted, image())).at("NanoCpus").to_number<std::uint64_t>() == 2'000'000'000);
  wanted.machine.cpu_millis = 0;
  CHECK_FALSE(hostOf(specOf(wanted, image())).contains("NanoCpus"));
}

TEST_CASE("what a container cannot be held to is refused") {
  ContainerWish wanted = wish();
  wanted.machine.io_bytes_per_second = 1;
  CHECK(containerSpec(wanted, image()).error().kind() == ErrorKind::kUnsupported);
  wanted = wish();
  wanted.machine.disk_bytes = 0;
  CHECK(containerSpec(wanted, image()).error().kind() == ErrorKind::kInvalid);
  wanted = wish();
  wanted.machine.memory_bytes = kMiB;
  CHECK(containerSpec(wanted, image()).error().kind() == ErrorKind::kInvalid);
}

TEST_CASE("a VM is found again by the labels of its container") {
  const json::object spec = specOf(wish(), image());
  ContainerEntry container;
  for (const auto& [key, value] : spec.at("Labels").as_object()) {
    container.labels.emplace_back(key, value.as_string());
  }
  const auto name = vmNameOf(container);
  REQUIRE(name.ok());
  CHECK(*name == wish().name);
  CHECK(container.label(kOwnerLabel) == "0123");
}

TEST_CASE("a container without our labels, or with one that is no number, is no VM") {
  ContainerEntry container;
  CHECK_FALSE(vmNameOf(container).ok());
  container.labels = {{kPrefixLabel, "local"}, {kIdLabel, "17x"}};
  CHECK_FALSE(vmNameOf(container).ok());
  container.labels = {{kPrefixLabel, ""}, {kIdLabel, "17"}};
  CHECK_FALSE(vmNameOf(container).ok());
}
