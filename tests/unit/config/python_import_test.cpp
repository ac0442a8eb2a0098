#include "config/python_import.hpp"

#include <doctest/doctest.h>

#include "config/keys.hpp"
#include "config/warnings.hpp"
#include "unit/config/config_text.hpp"

namespace tango::config {
namespace {

PythonImport imported(const std::string& text) {
  const base::Result<PythonImport> made = importPython(text, "config.py");
  REQUIRE(made.ok());
  return *made;
}

PythonImport importedFile(const std::string& name) {
  const base::Result<std::string> text =
      readSmallFile(std::string(TANGO_PYTHON_CONFIGS) + "/" + name, 1 << 20);
  REQUIRE(text.ok());
  return imported(*text);
}

bool has(const PythonImport& made, const std::string& text) {
  return made.toml.find(text) != std::string::npos;
}

TEST_CASE("a Python Tango with Docker is taken over, and every other constant is accounted for") {
  const PythonImport made = importedFile("docker.py");
  INFO(made.toml);
  const ServiceConfig config = parsed(made.toml);
  CHECK(config.server.port == 3000);
  CHECK(config.server.host == "127.0.0.1");
  CHECK(config.keys == std::vector<std::string>{"test"});
  CHECK(config.server.body_bytes_max == 10 * model::kGiB);
  CHECK(config.limits.wall_time == base::Millis(60'000));
  CHECK(config.limits.file_size_bytes == 100 * model::kMiB);
  CHECK(config.scheduler.wait_vm_timeout == base::Millis(60'000));
  CHECK(config.pools.wait_vm_timeout == base::Millis(180'000));
  CHECK(config.pools.pool_vms_max == 2);
  CHECK(config.pools.vm_prefix == "local");
  CHECK(config.default_vmms == "localDocker");
  CHECK(config.local_docker.enabled);
  CHECK_FALSE(config.sandbox.enabled);
  CHECK_FALSE(config.dist_docker.enabled);
  CHECK(has(made, "# DOCKER_HOST_USER: about distDocker, which this configuration does not use"));
  CHECK(has(made, "# DOCKER_VOLUME_PATH: not needed: a job's files go into its container"));
  CHECK(made.unreadable == 0);
  CHECK(has(made, "the default, where the environment does not set \"RESTFUL_KEY\""));
  CHECK(has(made, "# REDIS_HOSTNAME: not needed: jobs are kept in the data folder"));
  CHECK(has(made, "# DOCKER_CORES_LIMIT: None: the default holds"));
  CHECK(has(made, "WEAK"));
  CHECK_FALSE(has(made, "not one of the Python Tango's"));
}

TEST_CASE("a Python Tango with several Docker hosts keeps them, its user and its bounds") {
  const PythonImport made = imported(
      "class Config:\n  MAX_CONCURRENT_JOBS = 6\n  VMMS_NAME = 'distDocker'\n"
      "  DOCKER_DISTRIBUTED_HOSTS = ['one.example.org', 'two.example.org']\n"
      "  HOST_ALIAS = 'docker.example.org'\n  DOCKER_HOST_USER = 'grader'\n"
      "  USE_SSH_MASTER = True\n");
  INFO(made.toml);
  const ServiceConfig config = parsed(made.toml);
  CHECK(config.default_vmms == "distDocker");
  CHECK(config.dist_docker.enabled);
  CHECK(config.dist_docker.dns_name == "docker.example.org");
  CHECK(config.dist_docker.user == "grader");
  CHECK(config.dist_docker.bounds.vms_max == 6);
  REQUIRE(config.dist_docker.hosts.size() == 2);
  CHECK(config.dist_docker.hosts[1].address == "ssh://two.example.org");
  CHECK(made.taken == 5);
  CHECK(has(made, "vmms/id_rsa"));
}

TEST_CASE("hosts that are none are left, and distDocker waits for some") {
  for (const char* hosts : {"[]", "'one'", "['a b']", "['-oProxyCommand=x']", "[1]", "['a', 'a']",
                            "['x\"]\\nport = 1']"}) {
    CAPTURE(hosts);
    const PythonImport made = imported("class Config:\n  VMMS_NAME = 'distDocker'\n" +
                                       ("  DOCKER_DISTRIBUTED_HOSTS = " + std::string(hosts)) +
                                       "\n  DOCKER_HOST_USER = ''\n");
    INFO(made.toml);
    const ServiceConfig config = parsed(made.toml);
    CHECK(config.dist_docker.hosts.empty());
    CHECK_FALSE(config.dist_docker.enabled);
    CHECK(config.dist_docker.user == "ubuntu");
    CHECK(has(made, "# Name its hosts first"));
  }
}

TEST_CASE("a Python Tango on EC2 is taken over with all that its documentation has") {
  const PythonImport made = importedFile("ec2.py");
  INFO(made.toml);
  const ServiceConfig config = parsed(made.toml);
  CHECK(config.default_vmms == "ec2SSH");
  CHECK_FALSE(config.sandbox.enabled);
  const Ec2Ssh& ec2 = config.ec2_ssh;
  CHECK(ec2.enabled);
  CHECK(ec2.region == "us-east-1");
  CHECK(ec2.user == "ubuntu");
  CHECK(ec2.ami == "ami-4c99c35b");
  CHECK(ec2.type == "t2.micro");
  CHECK(ec2.security_group == "autolab-autograde-ec2");
  CHECK(ec2.key_file == "/path/to/my-key-pair.pem");
  CHECK(ec2.key_name == "my-key-pair");
  CHECK(ec2.key_folder.empty());
  CHECK(ec2.reservation_id.empty());
  CHECK(ec2.instances_max == 5);
  CHECK(has(made, "# DYNAMIC_SECURITY_KEY_PATH: empty: the default holds"));
  CHECK(has(made, "# TANGO_RESERVATION_ID: empty: the default holds"));
  CHECK(has(made, "# INSTANCE_RUNNING: not a setting: a constant of EC2"));
  CHECK(has(made, "# DOCKER_HOST_USER: about distDocker, which this configuration does not use"));
  CHECK_FALSE(has(made, "not one of the Python Tango's"));
}

TEST_CASE("EC2's own constants have their places too, and half a key pair waits for the other") {
  const PythonImport made = imported(
      "class Config:\n  VMMS_NAME = 'ec2SSH'\n  MAX_CONCURRENT_JOBS = 4\n  MAX_EC2_VMS = 5\n"
      "  TANGO_RESERVATION_ID = 'r-0123'\n  DYNAMIC_SECURITY_KEY_PATH = '/var/keys'\n"
      "  SECURITY_KEY_NAME = 'k'\n  SECURITY_KEY_PATH = 'k.pem'\n  EC2_REGION = 'US'\n");
  INFO(made.toml);
  const ServiceConfig config = parsed(made.toml);
  CHECK(config.ec2_ssh.instances_max == 4);
  CHECK(config.ec2_ssh.reservation_id == "r-0123");
  CHECK(config.ec2_ssh.key_folder == "/var/keys");
  CHECK(config.ec2_ssh.key_name == "k");
  CHECK_FALSE(config.ec2_ssh.enabled);
  CHECK(has(made, "# MAX_EC2_VMS: the same as MAX_CONCURRENT_JOBS, which was taken"));
  CHECK(has(made, "# SECURITY_KEY_NAME and SECURITY_KEY_PATH go together"));
  CHECK(has(made, "# EC2_REGION: its value cannot be taken over: vmms.ec2SSH.region is to be"));
}

TEST_CASE("constants of EC2 are left where the Python Tango did not use it") {
  const PythonImport made = imported(
      "class Config:\n  VMMS_NAME = 'localDocker'\n  EC2_REGION = 'us-east-1'\n"
      "  DEFAULT_AMI = 'ami-1'\n  EC2_WHATEVER = 1\n");
  INFO(made.toml);
  CHECK(parsed(made.toml).ec2_ssh.region.empty());
  CHECK(has(made, "# EC2_REGION: about ec2SSH, which this configuration does not use"));
  CHECK(has(made, "# EC2_WHATEVER: about EC2, but nothing that is to be set here"));
}

TEST_CASE("good keys let the service listen where the Python Tango did") {
  const ServiceConfig config = parsed(importedFile("tashi.py").toml);
  CHECK(config.server.host == "0.0.0.0");
  CHECK(config.server.port == 9090);
  CHECK(config.keys.size() == 2);
  CHECK(config.limits.wall_time == base::Millis(300'000));
}

TEST_CASE("what cannot be read or has no such value is said, and the rest is taken") {
  const PythonImport made = importedFile("pools.py");
  INFO(made.toml);
  const ServiceConfig config = parsed(made.toml);
  CHECK(config.server.port == 8610);
  CHECK(config.limits.wall_time == base::Millis(120'000));
  CHECK(config.machine.cpu_millis == 1'500);
  CHECK(config.machine.memory_bytes == 512 * model::kMiB);
  CHECK(config.pools.pool_vms_max == 10);
  CHECK(config.ec2_ssh.instances_max == 8);
  CHECK(made.unreadable == 2);
  CHECK(has(made, "# VM_ULIMIT_USER_PROC: cannot be read without Python (line 16)"));
  CHECK(has(made, "# MAX_OUTPUT_FILE_SIZE: cannot be read without Python (line 27): set under a"));
  CHECK(has(made, "# JOB_RETRIES: its value cannot be taken over: jobs.retries is to be a whole"));
  CHECK(has(made, "# OUR_OWN_THING: not one of the Python Tango's constants that we know"));
}

TEST_CASE("a constant of another type than it should be is left") {
  for (const char* line :
       {"PORT = '3000'", "PORT = [1]", "KEYS = 'abc'", "KEYS = [1]", "KEYS = []", "KEYS = None",
        "RUNJOB_TIMEOUT = -1", "RUNJOB_TIMEOUT = 'x'", "PREFIX = 'a b'", "PREFIX = 7",
        "MAX_OUTPUT_FILE_SIZE = 1.5", "DOCKER_MEMORY_LIMIT = 10 ** 18", "VMMS_NAME = 3",
        "KEYS = ['a\\nb']", "PREFIX = '\\x00'", "DOCKER_CORES_LIMIT = 1e300"}) {
    CAPTURE(line);
    const PythonImport made = imported(std::string("class Config:\n  ") + line + "\n");
    CHECK(made.taken == 0);
    CHECK(made.left == 1);
    CHECK(showConfig(parsed(made.toml)) == showConfig(ServiceConfig()));
  }
}

TEST_CASE("a hostile file cannot write lines of its own into the result") {
  const PythonImport made = imported(
      "class Config:\n  PREFIX = os.getenv('a\\nport = 1\\n', 'ok')\n"
      "  KEYS = ['x\"]\\nport = 1 #aaaaaaaaaaaa', 'quote\"and\\\\slash-0123456789']\n"
      "  \xff\xfe = 1\n  N\xc3\xa4me = 2\n");
  INFO(made.toml);
  const ServiceConfig config = parsed(made.toml);
  CHECK(config.server.port == 3000);
  CHECK(config.keys.empty());
  const ServiceConfig quotes =
      parsed(imported("class Config:\n  KEYS = ['quote\"and\\\\slash-0123456789']\n").toml);
  CHECK(quotes.keys == std::vector<std::string>{"quote\"and\\slash-0123456789"});
}

TEST_CASE("a file without the class is refused by its name") {
  for (const char* text : {"", "PORT = 1\n", "class Other:\n  PORT = 1\n"}) {
    const base::Result<PythonImport> made = importPython(text, "some/config.py");
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().message().starts_with("some/config.py: there is no `class Config`"));
  }
}

}  // namespace
}  // namespace tango::config
