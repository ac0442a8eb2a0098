#include "vmms/remote/shell_commands.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"

using namespace tango::vmms::remote;
using tango::base::ErrorKind;
using tango::base::Result;

namespace {

const std::string kSha(64, 'a');

/// What `command` prints that a login shell is given.
std::string printedBy(const std::string& command) {
  std::string said;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             ::pclose);
  std::array<char, 512> room{};
  while (std::fgets(room.data(), room.size(), pipe.get()) != nullptr) {
    said += room.data();
  }
  return said;
}

Probe parsed(const std::string& lines) {
  const Result<Probe> probe = parseProbe("tango-probe\n" + lines + "tango-done\n");
  REQUIRE(probe.ok());
  return *probe;
}

}  // namespace

TEST_CASE("what is quoted comes out of a shell as it was") {
  for (const std::string text : {"", "a", "a b", "'", "''", "it's", "$(id)", "`id`", "\"", "\\",
                                 "a;b", "*", "~", "-n", "#", "a\tb", "!!", "%s"}) {
    CHECK(printedBy("printf %s" + std::string(text.empty() ? "" : " ") +
                    (text.empty() ? "" : shellQuoted(text))) == text);
  }
}

TEST_CASE("a script comes through a login shell to sh as it was, quoted as often as need be") {
  const std::string script = "x=\"a  b\"; printf \"%s,\" \"$x\" " + shellQuoted("it's");
  CHECK(printedBy(inShell(script)) == "a  b,it's,");
  CHECK(printedBy(inShell(inShell(script))) == "a  b,it's,");
}

// csh knows '!' and no line ends in quotes, fish knows '\'.
TEST_CASE("no command has anything that a login shell other than sh takes for something else") {
  AttachWish wish;
  wish.autodriver = kInstalled;
  for (const std::string& command :
       {probeCommand("/var/lib/tango/set-up"), probeCommand(""), shutdownCommand("sudo -n ", 30),
        attachCommand("sudo -n ", wish)}) {
    CHECK(command.find_first_of("!\n") == std::string::npos);
    std::string without = command;
    for (std::size_t at = 0; (at = without.find("'\\''")) != std::string::npos;) {
      without.erase(at, 4);
    }
    CHECK(without.find('\\') == std::string::npos);
  }
}

TEST_CASE("a machine is told by what the probe prints on it") {
  const Result<Probe> probe = parseProbe(printedBy(probeCommand("/none/such")));
  REQUIRE(probe.ok());
  CHECK_FALSE(probe->architecture.empty());
  CHECK_FALSE(probe->set_up_runs);
  CHECK(probe->set_up_trouble.empty());
}

TEST_CASE("a set-up has ended well, or not, or not yet") {
  const tango::test::TempFolder folder;
  const auto probeOf = [&folder](const std::string& content) {
    const Result<Probe> probe =
        parseProbe(printedBy(probeCommand(folder.write("it's set up", content))));
    REQUIRE(probe.ok());
    return *probe;
  };
  CHECK_FALSE(probeOf("ok\n").set_up_runs);
  CHECK(probeOf("ok\n").set_up_trouble.empty());
  CHECK(probeOf("ok").set_up_trouble.empty());
  CHECK(probeOf("").set_up_runs);
  CHECK(probeOf("apt-get: no such package\nmore\n").set_up_trouble == "apt-get: no such package");
}

TEST_CASE("rights are root's, sudo's, or none with the reason") {
  CHECK(parsed("rights root\n").is_root);
  CHECK(parsed("rights sudo\n").has_sudo);
  const Probe none = parsed("rights none sudo: a password is required\n");
  CHECK_FALSE(none.is_root);
  CHECK_FALSE(none.has_sudo);
  CHECK(none.sudo_words == "sudo: a password is required");
}

TEST_CASE("an answer that was cut off is an error, also before it began") {
  for (const std::string said : {"", "tango-probe", "tango-probe\n",
                                 "tango-probe\nmachine x86_64\n", "tango-probe\ntango-don"}) {
    const Result<Probe> probe = parseProbe(said);
    REQUIRE_FALSE(probe.ok());
    CHECK(probe.error().kind() == ErrorKind::kSystem);
  }
}

TEST_CASE("a login shell that prints something of its own is told with its words") {
  const Result<Probe> probe = parseProbe("Welcome!\ntango-probe\ntango-done\n");
  REQUIRE_FALSE(probe.ok());
  CHECK(probe.error().kind() == ErrorKind::kUnsupported);
  CHECK(probe.error().message().find("Welcome!") != std::string::npos);
}

TEST_CASE("lines that nobody knows, and long ones, do no harm") {
  const Probe probe = parsed("\nwhat is this\ncopy\ncopy 0\nrights\nset-up\nmachine " +
                             std::string(100'000, 'x') + "\n");
  CHECK(probe.architecture.size() == 200);
  CHECK(usableCopy(probe, kSha).empty());
}

TEST_CASE("a copy is used if it is ours, root's alone to write, and can be run as root") {
  const auto usable = [](const std::string& rights, const std::string& copy) {
    return usableCopy(parsed("rights " + rights + "\ncopy " + copy + "\n"), kSha);
  };
  const std::string ours = kSha + " /usr/bin/autodriver";
  CHECK(usable("root", "0 755 " + ours) == "/usr/bin/autodriver");
  CHECK(usable("sudo", "0 755 " + ours) == "/usr/bin/autodriver");
  CHECK(usable("none no", "0 755 " + ours).empty());
  CHECK(usable("none no", "0 4755 " + ours) == "/usr/bin/autodriver");
  CHECK(usable("root", "1000 755 " + ours).empty());
  CHECK(usable("root", "0 775 " + ours).empty());
  CHECK(usable("root", "0 757 " + ours).empty());
  CHECK(usable("root", "0 755 " + std::string(64, 'b') + " /usr/bin/autodriver").empty());
}

TEST_CASE("tango-student is offered where it is ours, root's to write, and found by jobs") {
  const auto offers = [](const std::string& copy, const std::string& autodriver) {
    return offersStudent(parsed("rights root\ncopy " + copy + "\n"), autodriver, kSha);
  };
  const std::string installed = "0 755 " + kSha + " /var/lib/tango/bin/tango-student";
  const std::string packaged = "0 755 " + kSha + " /usr/bin/tango-student";
  CHECK(offers(installed, kInstalled));
  CHECK(offers(packaged, "/usr/bin/autodriver"));
  CHECK_FALSE(offers(packaged, kInstalled));
  CHECK_FALSE(offers(installed, "/usr/bin/autodriver"));
  CHECK_FALSE(offers("1000 755 " + kSha + " /usr/bin/tango-student", "/usr/bin/autodriver"));
  CHECK_FALSE(offers("0 777 " + kSha + " /usr/bin/tango-student", "/usr/bin/autodriver"));
  CHECK_FALSE(
      offers("0 755 " + std::string(64, 'b') + " /usr/bin/tango-student", "/usr/bin/autodriver"));
  CHECK_FALSE(offers(installed, ""));
}

TEST_CASE("attaching says what is limited, and nothing of what is not") {
  AttachWish wish;
  wish.autodriver = "/a";
  wish.lease_s = 60;
  wish.machine.memory_bytes = 0;
  wish.machine.disk_bytes = 0;
  wish.machine.disk_inodes = 0;
  CHECK(attachCommand("", wish) == "sh -c 'exec /a --attach=/run/tango/drive/socket --lease=60'");
  wish.user = 7;
  wish.machine = {.image = "",
                  .cpu_millis = 1500,
                  .memory_bytes = 1,
                  .disk_bytes = 2,
                  .disk_inodes = 3,
                  .io_bytes_per_second = 4,
                  .network = true,
                  .account = {}};
  CHECK(attachCommand("sudo -n ", wish) ==
        "sh -c 'exec sudo -n /a --attach=/run/tango/drive/socket --lease=60 --user=7 --memory=1 "
        "--disk=2 --inodes=3 --io-rate=4 --cpus=1500 --network'");
}
