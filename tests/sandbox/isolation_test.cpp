// What a job cannot see. What it cannot do is in forbidden_test.cpp.
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "sandbox/scripts.hpp"

namespace tango {
namespace {

using test::bodyOf;
using test::contains;
using test::runWith;
using test::SandboxJobs;

TEST_CASE("a job sees the folders of its root, and of the host's only programs and libraries") {
  SandboxJobs jobs;
  const std::string body = bodyOf(jobs.runScript("ls -A /"));
  for (const char* folder : {"boot", "data", "media", "mnt", "srv", "sys", "work"}) {
    CHECK_FALSE_MESSAGE(contains("\n" + body, "\n" + std::string(folder) + "\n"), folder);
  }
  CHECK(
      bodyOf(jobs.runScript("ls -A /root /run /home /tmp /var/tmp /dev/shm /var/lib /var | cat")) ==
      "/dev/shm:\n\n/home:\n.tango-student\nautograde\n\n/root:\n\n/run:\n\n/tmp:\n\n/"
      "var:\nlib\ntmp\n\n/var/"
      "lib:\n\n"
      "/var/tmp:\n");
}

TEST_CASE("the host's own files are not there") {
  SandboxJobs jobs;
  const test::TempFolder folder;
  const std::string mine = folder.write("secret", "secret").string();
  CHECK(bodyOf(
            jobs.runScript(
                "for f in " + mine +
                " /etc/shadow /etc/gshadow /etc/sudoers /etc/ssh /etc/ssl/private "
                "/var/run/docker.sock "
                "/run/docker.sock /run/dbus /var/log /root/.ssh /sys/kernel /sys/fs/cgroup "
                "/proc/1/root "
                "/dev/kmsg /dev/mem /dev/sda /dev/vda /dev/fuse /dev/kvm /dev/net/tun; do ls -d $f "
                "2>/dev/null; done; true"))
            .empty());
  CHECK(bodyOf(jobs.runScript("cut -d: -f1 /etc/passwd /etc/group")) ==
        "root\nautograde\nnobody\nroot\nautograde\nnogroup\n");
}

TEST_CASE("what is copied of the host's /etc is as the host has it") {
  SandboxJobs jobs;
  const std::string read =
      "cd /etc; for f in ld.so.conf ld.so.conf.d/* os-release protocols services ssl/openssl.cnf; "
      "do stat -Lc '%A %s' $f; cat $f; done";
  const test::TempFolder folder;
  const std::string here = (folder.path() / "here").string();
  REQUIRE(std::system(("(" + read + ") >" + here).c_str()) == 0);
  std::ostringstream host;
  host << std::ifstream(here).rdbuf();
  CHECK(bodyOf(jobs.runScript(read)) == host.str());
}

TEST_CASE("the host's processes are not there, and its own init is hidden") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("set -- /proc/[0-9]*; echo $#; ls -d /proc/1 2>/dev/null; ps -e -o "
                              "comm= >list; sort -u list | paste -sd' '; echo $$")) ==
        "2\nmake ps sh\n3\n");
}

TEST_CASE("only /dev/null, the output pipe and nothing else is open when a job starts") {
  SandboxJobs jobs;
  const base::UniqueFd leaked(::open("/etc/passwd", O_RDONLY));  // without O_CLOEXEC
  REQUIRE(leaked);
  SandboxJobs later;
  for (SandboxJobs* const each : {&jobs, &later}) {
    const std::string body =
        bodyOf(each->run({{"Makefile", "all:\n\t@exec /usr/bin/python3 fds.py\n"},
                          {"fds.py",
                           "import os\nfor f in range(4096):\n  try:\n    print(f, "
                           "os.readlink(f'/proc/self/fd/{f}').split(':')[0])\n  except OSError:"
                           "\n    pass\n"}}));
    CHECK(body == "0 /dev/null\n1 pipe\n2 pipe\n");
  }
}

TEST_CASE("a job has no capability, no group beyond its own, and can never get more") {
  SandboxJobs jobs;
  const std::string body = bodyOf(
      jobs.runScript("grep -E '^(Cap|NoNewPrivs|Seccomp:|Groups|Uid|Gid)' /proc/self/status"));
  CHECK(body ==
        "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t \n"
        "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
        "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
        "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_CASE("every mount is read-only or a job's own scratch, without setuid programs and devices") {
  SandboxJobs jobs;
  const std::string body = bodyOf(jobs.runScript("cut -d' ' -f5,6 /proc/self/mountinfo"));
  std::istringstream lines(body);
  std::map<std::string, std::string> mounts;  // the last one at a path is what is seen there
  std::string path;
  std::string options;
  while (lines >> path >> options) {
    mounts[path] = options;
  }
  CHECK(mounts.size() > 8);
  for (const auto& [at, how] : mounts) {
    CAPTURE(at);
    const bool scratch = at == "/home" || at == "/tmp" || at == "/var/tmp" || at == "/dev/shm";
    const bool device = at.starts_with("/dev/") && at != "/dev/shm";
    CHECK((how.starts_with("ro") || scratch || device || at.starts_with("/proc")));
    CHECK(contains(how, "nosuid"));
    CHECK((contains(how, "nodev") || device));
  }
}

TEST_CASE("nothing outside of the scratch can be written") {
  SandboxJobs jobs;
  CHECK(
      bodyOf(
          jobs.runScript(
              "for d in / /etc /usr /usr/bin /usr/local /usr/lib /bin /opt /dev /dev/pts /proc "
              "/root /run "
              "/var /var/lib /home; do (: >$d/tango-was-here) 2>/dev/null && echo wrote $d; mkdir "
              "$d/tango-folder 2>/dev/null && echo made $d; done; for f in /etc/passwd /etc/group "
              "/usr/bin/make /etc/hosts; do (: >>$f) 2>/dev/null && echo changed $f; chmod 777 $f "
              "2>/dev/null && echo chmod $f; done; true"))
          .empty());
}

TEST_CASE("the kernel's switches in /proc cannot be turned") {
  SandboxJobs jobs;
  const std::string script =
      "for f in /proc/sysrq-trigger /proc/self/setgroups $(find /proc/sys "
      "/proc/irq /proc/scsi /proc/fs /proc/bus -type f 2>/dev/null | grep -v ns_last_pid); do "
      "(: >>$f) 2>/dev/null && echo opened $f; done; exec 2>/dev/null; for f in "
      "/proc/sys/kernel/ns_last_pid "
      "/proc/self/uid_map; do echo 1 2>/dev/null >$f && echo wrote $f; done; for f in kcore kmsg "
      "kpagecount; do "
      "head -c 1 /proc/$f 2>/dev/null && echo read $f; done; true";
  CHECK(bodyOf(jobs.runScript(script)) == "");
}

TEST_CASE("the tmpfs that lies under a job's scratch cannot be reached") {
  SandboxJobs jobs;
  CHECK(bodyOf(jobs.runScript("ls -A /home; ls -d /home/../home/home /home/tmp /home/shm "
                              "/home/vartmp /home/autograde/../../home/tmp 2>/dev/null; true")) ==
        ".tango-student\nautograde\n");
}

// A listener of the host's, with what a job would need to reach it.
class HostListener {
 public:
  HostListener()
      : tcp_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        abstract_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(tcp_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(tcp_.get(), 5) == 0);
    ::getsockname(tcp_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = std::to_string(ntohs(address.sin_port));
    name_ = "tango-test-" + std::to_string(::getpid());
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    name_.copy(path.sun_path + 1, sizeof path.sun_path - 1);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
    REQUIRE(::bind(abstract_.get(), reinterpret_cast<sockaddr*>(&path), length) == 0);
    REQUIRE(::listen(abstract_.get(), 5) == 0);
  }
  [[nodiscard]] std::string client() const {
    return "import socket\ndef attempt(name, family, address):\n  try:\n"
           "    socket.socket(family, socket.SOCK_STREAM).connect(address)\n"
           "    print(name, 'reached')\n  except OSError as error:\n    print(name, error.errno)\n"
           "attempt('loopback', socket.AF_INET, ('127.0.0.1', " +
           port_ +
           "))\n"
           "attempt('abstract', socket.AF_UNIX, '\\0" +
           name_ + "')\n";
  }

 private:
  base::UniqueFd tcp_;
  base::UniqueFd abstract_;
  std::string port_;
  std::string name_;
};

TEST_CASE("the host's services on its loopback and its abstract sockets cannot be reached") {
  SandboxJobs jobs;
  const HostListener listener;
  const std::string run = "/usr/bin/python3 client.py";
  CHECK(bodyOf(runWith(jobs, run, {{"client.py", listener.client()}})) ==
        "loopback 111\nabstract 111\n");  // ECONNREFUSED
}

TEST_CASE("there is no way out of a job's network") {
  SandboxJobs jobs;
  CHECK(
      bodyOf(jobs.runScript("ls /proc/self/net >/dev/null; tail -n +3 /proc/net/dev | cut -d: -f1 "
                            "| tr -d ' '; tail -n +2 /proc/net/route")) == "lo\n");
  CHECK(bodyOf(runWith(jobs, "/usr/bin/python3 out.py",
                       {{"out.py",
                         "import socket\nfor a in ('192.0.2.1', '10.0.2.2', "
                         "'169.254.169.254'):\n  try:\n    s = socket.socket()\n    "
                         "s.settimeout(2)\n    s.connect((a, 80))\n    print(a)\n  except "
                         "OSError as e:\n    print(e.errno)\n"}})) == "101\n101\n101\n");
}

}  // namespace
}  // namespace tango
