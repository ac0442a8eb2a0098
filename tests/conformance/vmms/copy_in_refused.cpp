// What copyIn does not take, it refuses whole, and nothing is written anywhere else.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/unique_fd.hpp"
#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

TEST_CASE_FIXTURE(Trial, "a destFile that is not one path component is kInvalid") {
  using namespace std::string_literals;
  for (const std::string& name : {""s, "."s, ".."s, "/"s, "/etc/passwd"s, "a/b"s, "a/"s, "../a"s,
                                  "a\0b"s, "\0"s, std::string(256, 'n')}) {
    CAPTURE(name);
    const Vm vm = ready();
    const InputFile good = file("Makefile", "all:\n");
    CHECK(answer(copyIn(vm, {good, file(name, "bad")})) == kInvalid);
    CHECK(answer(destroyVM(vm)) == kOk);
  }
}

TEST_CASE_FIXTURE(Trial, "a destFile that leads out of the folder writes nothing there") {
  const auto outside = folder().path() / "escaped";
  std::string up = outside.string().substr(1);
  for (int i = 0; i < 12; ++i) {
    up.insert(0, "../");
  }
  for (const std::string& name : {outside.string(), up}) {
    const Vm vm = ready();
    CHECK(answer(copyIn(vm, {file(name, "bad")})) == kInvalid);
    CHECK_FALSE(std::filesystem::exists(outside));
    CHECK(answer(destroyVM(vm)) == kOk);
  }
}

TEST_CASE_FIXTURE(Trial, "a destFile that comes twice is kInvalid") {
  const Vm vm = ready();
  CHECK(answer(copyIn(vm, {file("same", "1"), file("other", ""), file("same", "2")})) == kInvalid);
}

TEST_CASE_FIXTURE(Trial, "a local file that is missing is an Error that names it") {
  const Vm vm = ready();
  const auto missing = folder().path() / "not-there";
  const Answer copied = answer(copyIn(vm, {{missing, "input"}}));
  CHECK(copied != kOk);
  CHECK_MESSAGE(copied.message.find(missing.string()) != std::string::npos, copied);
}

TEST_CASE_FIXTURE(Trial, "a folder for a local file is kInvalid") {
  const Vm vm = ready();
  CHECK(answer(copyIn(vm, {{folder().path(), "input"}})) == kInvalid);
}

// Writes to a FIFO after a while, so that whoever waits for its writer does not wait for ever.
class LateWriter {
 public:
  LateWriter(const std::filesystem::path& fifo, Millis patience)
      : writer_([this, fifo, patience](const std::stop_token& stop) {
          std::mutex mutex;
          std::unique_lock lock(mutex);
          std::condition_variable_any early;
          early.wait_for(lock, stop, patience, [] { return false; });
          if (!stop.stop_requested()) {
            came_ = true;
            const base::UniqueFd end(::open(fifo.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
          }
        }) {}

  [[nodiscard]] bool came() const { return came_; }

 private:
  std::atomic<bool> came_ = false;
  std::jthread writer_;
};

TEST_CASE_FIXTURE(Trial, "a FIFO for a local file is kInvalid, and nobody waits for its writer") {
  const Vm vm = ready();
  const auto fifo = folder().path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const LateWriter writer(fifo, backend().patience().stopped);
  CHECK(answer(copyIn(vm, {{fifo, "input"}})) == kInvalid);
  CHECK_FALSE(writer.came());
}

TEST_CASE_FIXTURE(Trial, "a device for a local file is kInvalid") {
  const Vm vm = ready();
  CHECK(answer(copyIn(vm, {{"/dev/zero", "input"}})) == kInvalid);
}

TEST_CASE_FIXTURE(Trial, "more bytes than the VM's disk has are kTooLarge") {
  if (!backend().enforces(Limit::kDisk)) {
    return;
  }
  MachineSpec small = spec();
  small.disk_bytes = model::kMiB;
  const Vm vm = ready(small);
  CHECK(answer(copyIn(vm, {file("big", std::string(3 * model::kMiB, 'b'))})) == kTooLarge);
}

}  // namespace
}  // namespace tango::test
