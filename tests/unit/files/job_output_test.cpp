#include "files/job_output.hpp"

#include <string>

#include <doctest/doctest.h>
#include <fcntl.h>

#include "base/write_all.hpp"
#include "support/temp_folder.hpp"

namespace tango::files {
namespace {

class Written {
 public:
  /// An output of that content; `on_disk`: begun in its file.
  Written(const std::string& content, bool on_disk) {
    REQUIRE(outputs_);
    auto begun = on_disk ? JobOutput::inFile(*outputs_, 7) : JobOutput::inMemory(*outputs_, 7);
    REQUIRE(begun.ok());
    output_ = *std::move(begun);
    REQUIRE(base::writeAll(output_->fd(), content).ok());
  }
  [[nodiscard]] JobOutput& output() { return *output_; }
  /// Whether the job's file is there.
  [[nodiscard]] bool published() const { return outputs_->open(7).ok(); }

 private:
  test::TempFolder folder_;
  base::UniqueFd fd_{::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  std::unique_ptr<Outputs> outputs_ = *Outputs::openIn(fd_.get());
  std::unique_ptr<JobOutput> output_;
};

TEST_CASE("an output is what was written, wherever that was") {
  const std::string content = "head\n" + std::string(3 * kStoredOutputBytesMax, '\0') + "\xFF\n";
  for (const bool on_disk : {false, true}) {
    CAPTURE(on_disk);
    Written written(content, on_disk);
    CHECK(written.output().onDisk() == on_disk);
    CHECK(*written.output().bytes() == content.size());
    CHECK(*written.output().content() == content);
    CHECK_FALSE(written.published());
    REQUIRE(written.output().publish().ok());
    CHECK(written.published());
    CHECK(*written.output().content() == content);
  }
}

TEST_CASE("an empty output is one too") {
  Written written("", false);
  CHECK(*written.output().bytes() == 0);
  CHECK(written.output().content()->empty());
  REQUIRE(written.output().publish().ok());
  CHECK(written.published());
}

}  // namespace
}  // namespace tango::files
