#include "tango/bench/bench_command.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/unique_fd.hpp"
#include "base/write_all.hpp"
#include "tango/bench/bench_options.hpp"
#include "tango/bench/bench_run.hpp"
#include "tango/bench/json.hpp"
#include "tango/bench/page.hpp"
#include "tango/bench/sections.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/client/verb.hpp"

namespace tango::bench {
namespace {

using base::Result;

constexpr int kInterrupted = 130;

Result<base::UniqueFd> openPage(const std::string& path) {
  base::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  return file ? Result<base::UniqueFd>(std::move(file))
              : base::systemError(errno, "--html: open " + path);
}

Result<void> writePage(int file, const std::string& path, const Report& report) {
  if (::ftruncate(file, 0) != 0) {
    return base::systemError(errno, "--html: empty " + path);
  }
  return base::writeAll(file, pageOf(report), path);
}

int failed(const base::Error& error, client::SyncLoop& loop) {
  if (error.kind() == base::ErrorKind::kCancelled || loop.interrupted()) {
    client::tell("interrupted");
    return kInterrupted;
  }
  return client::fail(error);
}

int show(const Report& report, bool json) {
  if (json) {
    client::printJson(jsonOf(report));
  } else {
    printReport(report);
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return client::fail(base::systemError(errno, "write to standard output"));
  }
  return app::kOk;
}

int bench(const Options& options, const std::string& data_folder) {
  if (const Result<void> sensible = checkOptions(options); !sensible) {
    client::tell(sensible.error().message());
    return app::kBadUsage;
  }
  base::UniqueFd page;
  if (!options.html.empty()) {
    Result<base::UniqueFd> opened = openPage(options.html);
    if (!opened) {
      return client::fail(opened.error());
    }
    page = *std::move(opened);
  }
  const auto loop = std::make_shared<client::SyncLoop>();
  loop->interruptOnSignals();
  const Result<Report> report = runBench(options, data_folder, loop);
  if (!report) {
    return failed(report.error(), *loop);
  }
  if (page) {
    const Result<void> written = writePage(page.get(), options.html, *report);
    if (!written) {
      return client::fail(written.error());
    }
  }
  return show(*report, options.json);
}

}  // namespace

void addBenchCommand(CLI::App& app, app::Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("bench", "How fast the service is here, beside a bare make");
  addBenchOptions(*verb, *options);
  verb->footer(
      "Measures, each beside a bare `make` of the same files in the same run: the latency of "
      "single\n"
      "jobs, how many a second a burst gets done, the latency at a steady rate, what the service\n"
      "costs, and where a job's time goes. 0 leaves a part out. Without --server and TANGO_SERVER\n"
      "it starts a service of its own with an empty configuration, whose data is in $TMPDIR (else\n"
      "/var/tmp) and goes with it. A job that fails, or prints something else than the bare make,\n"
      "ends it with an error: a wrong run has no speed.");
  verb->callback([&command, options] {
    command.run = [&command, options] { return bench(*options, command.data_folder); };
  });
}

}  // namespace tango::bench
