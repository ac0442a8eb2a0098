#include <cstdio>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "unit/aws/looking.hpp"

using namespace tango::test;
using tango::base::UniqueFd;

namespace {

// What is logged while it lives: stderr goes into a file.
class Logged {
 public:
  Logged() : before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    const UniqueFd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    REQUIRE(::dup2(file.get(), STDERR_FILENO) == STDERR_FILENO);
  }
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;
  ~Logged() { ::dup2(before_.get(), STDERR_FILENO); }

  [[nodiscard]] std::string text() const {
    std::fflush(stderr);
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  TempFolder folder_;
  std::string path_ = folder_.path() / "log";
  UniqueFd before_;
};

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

constexpr std::string_view kKeys =
    "[default]\naws_access_key_id = HIDDEN\naws_secret_access_key = HUSH\n";

}  // namespace

TEST_CASE("a file of credentials that others can read is used, and its owner is told once") {
  Looking looking;
  const std::string path = looking.write(".aws/credentials", kKeys);
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  const Logged logged;
  CHECK(looking.foundId() == "HIDDEN");
  looking.chain().refused();
  CHECK(looking.foundId() == "HIDDEN");
  const std::string text = logged.text();
  CHECK(times(text, " warning aws: " + path +
                        " has credentials in it and can be read by others: chmod 600 it") == 1);
  CHECK(times(text, "HIDDEN") == 0);
  CHECK(times(text, "HUSH") == 0);
}

TEST_CASE("nothing is said of a file that its owner alone reads, or that has no credentials") {
  Looking looking;
  looking.write(".aws/credentials", kKeys);
  const std::string config = looking.write(".aws/config", "[default]\nregion = us-east-1\n");
  std::filesystem::permissions(config, std::filesystem::perms(0644));
  const Logged logged;
  CHECK(looking.foundId() == "HIDDEN");
  CHECK(looking.region() == "us-east-1");
  CHECK(logged.text().empty());
}
