// What a machine in which a job runs can send in the place of its autodriver: replies, of which a
// service makes a job's end and its output. The first byte says what was asked for, and how many
// bytes come at once; the rest is what is sent, and then the machine ends.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "base/assert.hpp"
#include "support/run_on.hpp"
#include "unit/docker/scripted_stream.hpp"
#include "vmms/driven/drive_session.hpp"
#include "vmms/driven/live_view.hpp"

namespace {

using namespace tango;
using base::Deadline;
using base::UniqueFd;
using vmms::driven::DrivenFile;
using vmms::driven::DriveSession;
using vmms::driven::LiveView;

constexpr std::uint64_t kOutputMax = 256;

UniqueFd fileInMemory() {
  UniqueFd file(::memfd_create("file", MFD_CLOEXEC));
  TANGO_ASSERT(static_cast<bool>(file), "the kernel gives a file in memory");
  return file;
}

std::vector<DrivenFile> oneFile() {
  std::vector<DrivenFile> files;
  files.push_back({"Makefile", fileInMemory(), false});
  return files;
}

void run(boost::asio::io_context& context, DriveSession& session) {
  LiveView seen(kOutputMax);
  const auto listen = [&seen](std::uint64_t offset, std::string_view bytes) {
    seen.append(offset, bytes);
    TANGO_ASSERT(seen.text().size() <= kOutputMax + base::HeadTail::kElided.size(),
                 "more is seen than is kept");
  };
  static_cast<void>(test::runOn(context, session.run({}, listen, Deadline::max())));
}

void takeOutput(boost::asio::io_context& context, DriveSession& session) {
  const UniqueFd output = fileInMemory();
  static_cast<void>(
      test::runOn(context, session.output(output.get(), kOutputMax, Deadline::max())));
  struct stat about{};
  TANGO_ASSERT(::fstat(output.get(), &about) == 0, "a file in memory can be looked at");
  TANGO_ASSERT(static_cast<std::uint64_t>(about.st_size) <= kOutputMax, "more than its bound");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string sent(reinterpret_cast<const char*>(data) + 1, size - 1);
  boost::asio::io_context context(1);
  const std::size_t at_once = data[0] < 128 ? std::string::npos : 1 + data[0] / 4U % 32U;
  DriveSession session(context.get_executor(), std::make_unique<test::ScriptedStream>(
                                                   context.get_executor(), sent, at_once));
  switch (data[0] % 4) {
    case 0:
      static_cast<void>(test::runOn(context, session.ready(Deadline::max())));
      break;
    case 1:
      static_cast<void>(test::runOn(context, session.sendFiles(oneFile(), Deadline::max())));
      break;
    case 2:
      run(context, session);
      break;
    default:
      takeOutput(context, session);
  }
  return 0;
}
