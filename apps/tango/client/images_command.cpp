// `tango images`: what jobs can run in at a server, and on which hosts.
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "tango/client/answer_fields.hpp"
#include "tango/client/commands.hpp"
#include "tango/client/table.hpp"
#include "tango/client/terminal_text.hpp"
#include "tango/client/verb.hpp"

namespace tango::client {
namespace {

using boost::json::array;
using boost::json::object;

struct Options {
  ServerOptions server;
  bool json = false;
};

void printImages(const array& images) {
  if (images.empty()) {
    std::puts("There are no images.");
    return;
  }
  Table table({{"IMAGE"}, {"VMMS"}, {"HOSTS"}});
  for (const boost::json::value& each : images) {
    const object& image = objectIn(each);
    table.add({textOf(image, "name"), textOf(image, "vmms"), textsOf(image, "hosts")});
  }
  table.print(stdout);
}

int images(const Options& options, ApiClient& api) {
  const Result<object> answer = api.get("/v1/images");
  if (!answer) {
    return fail(answer.error());
  }
  if (options.json) {
    printJson(*answer);
    return app::kOk;
  }
  printImages(arrayOf(*answer, "images"));
  for (const boost::json::value& each : arrayOf(*answer, "unknown")) {
    tell("the images of " + textOf(objectIn(each), "vmms") +
         " are not known: " + textOf(objectIn(each), "reason"));
  }
  return app::kOk;
}

}  // namespace

void addImagesCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("images", "The images that a server's jobs can run in, and their hosts");
  onVerb(verb, command, options, images);
}

}  // namespace tango::client
