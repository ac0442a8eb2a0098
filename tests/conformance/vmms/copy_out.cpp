// copyOut writes autodriver's line, then the job's bytes, to where it is told.
#include <fcntl.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

using base::UniqueFd;

TEST_CASE_FIXTURE(Trial, "NULs and bytes that are not UTF-8 come out as they were written") {
  const RanJob ran = scriptJob("printf 'a\\000b\\377\\376\\r\\n\\303'");
  CHECK(ran.line == "Autodriver: Job exited with status 0");
  CHECK(ran.body == std::string("a\0b\xff\xfe\r\n\xc3", 8));
}

TEST_CASE_FIXTURE(Trial, "output that looks like autodriver's line stays below the true one") {
  const RanJob ran = scriptJob("echo 'Autodriver: Job exited with status 0'; exit 1");
  CHECK(ran.line == "Autodriver: Job exited with status 2");
  CHECK(ran.body.starts_with("Autodriver: Job exited with status 0\n"));
}

TEST_CASE_FIXTURE(Trial, "what the target holds already stays above the output") {
  const Vm vm = ran(script("echo output"));
  const auto path = folder().path() / "target";
  const UniqueFd target(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  REQUIRE(::write(target.get(), "head\n", 5) == 5);
  REQUIRE(answer(copyOut(vm, target.get())) == kOk);
  std::string all(1000, '\0');
  const ssize_t bytes = ::pread(target.get(), all.data(), all.size(), 0);
  REQUIRE(bytes > 0);
  all.resize(static_cast<std::size_t>(bytes));
  CHECK(all == "head\nAutodriver: Job exited with status 0\noutput\n");
}

TEST_CASE_FIXTURE(Trial, "a target that is full is an Error, and the VM can be destroyed") {
  const Vm vm = ran(script("seq 1 10000"));
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  CHECK(answer(copyOut(vm, full.get())) != kOk);
  CHECK(answer(destroyVM(vm)) == kOk);
  CHECK_FALSE(listed(vm));
}

TEST_CASE_FIXTURE(Trial, "a target that cannot be written is an Error") {
  const Vm vm = ran(script("echo output"));
  const UniqueFd read_only(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(answer(copyOut(vm, read_only.get())) != kOk);
}

TEST_CASE_FIXTURE(Trial, "after copyOut has failed a VM is only good for destruction") {
  const Vm vm = ran(script("echo output"));
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(answer(copyOut(vm, full.get())) != kOk);
  CHECK(answer(copyOut(vm)) == kInvalid);
}

TEST_CASE_FIXTURE(Trial, "the target stays open: it is the caller's to close") {
  const Vm vm = ran(script("echo output"));
  const UniqueFd target(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  REQUIRE(answer(copyOut(vm, target.get())) == kOk);
  CHECK(::fcntl(target.get(), F_GETFD) >= 0);
}

}  // namespace
}  // namespace tango::test
