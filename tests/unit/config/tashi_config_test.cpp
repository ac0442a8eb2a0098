#include "config/tashi_config.hpp"

#include <doctest/doctest.h>

#include "config/python_import.hpp"
#include "unit/config/config_text.hpp"

namespace tango::config {
namespace {

const std::string kOn = "[vmms.tashiSSH]\nenabled = true\nimage_folder = \"/raid/images\"\n";

std::string errorOf(const std::string& text) {
  const base::Result<ServiceConfig> config = parseConfig(text, "");
  return config ? "it was read" : config.error().message();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("Tashi is off until it is wanted, and then needs no more than its folder of images") {
  CHECK_FALSE(parsed("").tashi_ssh.enabled);
  const TashiSsh tashi = parsed(kOn).tashi_ssh;
  CHECK(tashi.enabled);
  CHECK(tashi.host == "localhost");
  CHECK(tashi.port == 9882);
  CHECK(tashi.user == "autolab");
  CHECK(tashi.domain == ".vmnet");
  CHECK_FALSE(tashi.by_ip);
  CHECK(contains(errorOf("[vmms.tashiSSH]\nenabled = true\n"), "vmms.tashiSSH.image_folder"));
  CHECK(errorOf("[vmms.tashiSSH]\nport = 1\n") == "it was read");
}

TEST_CASE("every key of Tashi's is read, and shown again as it was") {
  const std::string text = R"([vmms.tashiSSH]
enabled = true
host = "cm.example.org"
port = 9883
image_folder = "/raid/tashi/images"
suspended_images = ["rhel"]
network = 3
user_id = 7
cores = 2
system_memory = "512MiB"
user = "root"
ssh_port = 2222
ssh_key = "/etc/tango/key"
ssh_config = "/etc/tango/ssh_config"
address = "ip"
vms_max = 30
answer_timeout = "5s"
wait_vm_timeout = "10m"
reattach_timeout = "30s"
)";
  const ServiceConfig config = parsed(text);
  CHECK(config.tashi_ssh.by_ip);
  CHECK(config.tashi_ssh.suspended_images == std::vector<std::string>{"rhel"});
  CHECK(config.tashi_ssh.system_memory_bytes == 512ULL << 20);
  CHECK(config.tashi_ssh.answer_timeout == base::Millis(5'000));
  const std::string shown = showConfig(config);
  CHECK(showConfig(parsed(shown)) == shown);
  for (const char* const line : {"host = \"cm.example.org\"", "address = \"ip\"", "user_id = 7"}) {
    CHECK(contains(shown, line));
  }
}

TEST_CASE("a value that cannot be is refused by its key") {
  for (const char* const line :
       {"host = \"\"", "port = 0", "image_folder = \"images\"", "network = -1", "cores = 0",
        "user = \"a b\"", "user = \"\"", "ssh_port = 70000", "address = \"dns\"", "address = 1",
        "domain = \"vmnet\"", "domain = \".\"", "domain = \".a..b\"", "domain = \".a b\"",
        "vms_max = 0", "answer_timeout = 0", "wait_vm_timeout = 0"}) {
    CAPTURE(line);
    const std::string key = std::string(line).substr(0, std::string(line).find(' '));
    CHECK(contains(errorOf(std::string("[vmms.tashiSSH]\n") + line + "\n"),
                   "vmms.tashiSSH." + key + " is to be"));
  }
  CHECK(contains(errorOf(kOn + "address = \"ip\"\ndomain = \".x\"\n"), "vmms.tashiSSH.domain"));
}

TEST_CASE("a Python Tango's Tashi is taken over") {
  const base::Result<PythonImport> made = importPython(
      "class Config:\n  VMMS_NAME = 'tashiSSH'\n  TASHI_IMAGE_PATH = '/raid/tashi/images/'\n"
      "  MAX_CONCURRENT_JOBS = 12\n  CREATEVM_SECS = 1\n  TASHI_OTHER = 1\n",
      "config.py");
  REQUIRE(made);
  INFO(made->toml);
  const ServiceConfig config = parsed(made->toml);
  CHECK(config.default_vmms == "tashiSSH");
  CHECK(config.tashi_ssh.enabled);
  CHECK_FALSE(config.sandbox.enabled);
  CHECK(config.tashi_ssh.image_folder == "/raid/tashi/images/");
  CHECK(config.tashi_ssh.vms_max == 12);
  CHECK(contains(made->toml, "all jobs run on Tashi's VMs"));
  CHECK(contains(made->toml, "# TASHI_OTHER: about Tashi, but nothing that is to be set here"));
}

TEST_CASE("without the path of the images, Tashi waits for it") {
  const base::Result<PythonImport> made = importPython(
      "class Config:\n  VMMS_NAME = 'tashiSSH'\n  TASHI_IMAGE_PATH = ''\n", "config.py");
  REQUIRE(made);
  INFO(made->toml);
  CHECK(contains(made->toml,
                 "# Name the folder of the images first.\n#image_folder = \"\"\n"
                 "#enabled = true\n"));
}

TEST_CASE("the path of Tashi's images is left where another VMMS was used") {
  const base::Result<PythonImport> made = importPython(
      "class Config:\n  VMMS_NAME = 'localDocker'\n  TASHI_IMAGE_PATH = '/raid'\n", "config.py");
  REQUIRE(made);
  CHECK(contains(made->toml,
                 "# TASHI_IMAGE_PATH: about tashiSSH, which this configuration does "
                 "not use"));
}

}  // namespace
}  // namespace tango::config
