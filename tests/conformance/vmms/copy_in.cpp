// Files arrive byte for byte under their names.
#include <numeric>
#include <random>

#include "conformance/vmms/trial.hpp"

namespace tango::test {
namespace {

constexpr std::uint64_t kManyBytes = 5 * model::kMiB;

// The same bytes each time, but not ones that a compressor or a pattern would let through.
std::string noise(std::size_t bytes) {
  std::mt19937 random(20260101);  // NOLINT(cert-msc*): the same each time
  std::string content(bytes, '\0');
  for (char& byte : content) {
    byte = static_cast<char>(random());
  }
  return content;
}

TEST_CASE_FIXTURE(Trial, "a file's bytes arrive as they are, whatever their values") {
  std::string all(256, '\0');
  std::iota(all.begin(), all.end(), '\0');
  const RanJob ran = job({file("Makefile", "all:\n\t@cat bytes\n"), file("bytes", all)});
  CHECK(ran.outcome.succeeded());
  CHECK(ran.body == all);
}

TEST_CASE_FIXTURE(Trial, "a file of 5 MB arrives whole") {
  const std::string content = noise(kManyBytes);
  RunLimits limits;
  limits.output_bytes = 2 * kManyBytes;
  const RanJob ran = job({file("Makefile", "all:\n\t@cat big\n"), file("big", content)}, limits);
  CHECK(ran.body.size() == content.size());
  CHECK_MESSAGE((ran.body == content), "the bytes differ");
}

TEST_CASE_FIXTURE(Trial, "an empty file arrives as an empty file") {
  const RanJob ran =
      job({file("Makefile", "all:\n\t@test -f empty && ! test -s empty\n"), file("empty", "")});
  CHECK(ran.outcome.succeeded());
}

TEST_CASE_FIXTURE(Trial, "a file's execute bit is kept, and none is given") {
  const std::string look = "all:\n\t@./run; test -x plain && echo no || echo plain\n";
  const RanJob ran = job({file("Makefile", look), file("run", "#!/bin/sh\necho runs\n", true),
                          file("plain", "#!/bin/sh\n")});
  CHECK(ran.body == "runs\nplain\n");
}

TEST_CASE_FIXTURE(Trial, "the files belong to the job: it may change and remove them") {
  const RanJob ran = scriptJob("echo more >> script && rm Makefile && echo changed");
  CHECK(ran.body == "changed\n");
}

TEST_CASE_FIXTURE(Trial, "any name that is one path component arrives as it is") {
  const std::vector<std::string> names = {
      "two words", "-rf",         "it's \"$HOME\" `id`;&|*?", "line\nfeed", "\xc3\xbc\xff",
      ".hidden",   "back\\slash", std::string(255, 'n')};
  InputFiles files = {file("Makefile", "all:\n\t@sh script\n")};
  std::string look;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string number = std::to_string(i);
    files.push_back(file(names[i], number));
    files.push_back(file("name" + number, names[i]));
    // `x` keeps the line ends that $() would take off.
    look += "n=$(cat name" + number + "; printf x); cat \"./${n%x}\"; echo\n";
  }
  files.push_back(file("script", look));
  const RanJob ran = job(std::move(files));
  CHECK(ran.body == "0\n1\n2\n3\n4\n5\n6\n7\n");
}

TEST_CASE_FIXTURE(Trial, "no files at all are in order") {
  const Vm vm = loaded({});
  const Result<RunOutcome> outcome = runJob(vm);
  REQUIRE(answer(outcome) == kOk);
  CHECK(outcome->exit_status == 2);  // make finds no Makefile
}

TEST_CASE_FIXTURE(Trial, "a symbolic link to a regular file is that file") {
  const InputFile target = file("linked", "through the link\n");
  const auto link = folder().path() / "link";
  std::filesystem::create_symlink(target.local_file, link);
  const RanJob ran =
      job({file("Makefile", "all:\n\t@cat linked; test ! -L linked\n"), {link, "linked"}});
  CHECK(ran.body == "through the link\n");
  CHECK(ran.outcome.succeeded());
}

TEST_CASE_FIXTURE(Trial, "five hundred files arrive") {
  InputFiles files = {file("Makefile", "all:\n\t@ls | wc -l; cat many-*\n")};
  std::string expected;
  for (int i = 1000; i < 1500; ++i) {
    files.push_back(file("many-" + std::to_string(i), std::to_string(i)));
    expected += std::to_string(i);
  }
  const RanJob ran = job(std::move(files));
  const std::size_t line_end = ran.body.find('\n');
  CHECK(std::stoi(ran.body.substr(0, line_end)) == 501);
  CHECK(ran.body.substr(line_end + 1) == expected);
}

}  // namespace
}  // namespace tango::test
