#include "tango/image_command.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "images/data_folder.hpp"
#include "images/image_store.hpp"

namespace tango::app {
namespace {

using base::Error;
using base::Result;
using images::ImageInfo;
using images::ImageStore;

struct Options {
  std::string name;
  std::string source;
  bool replace = false;
  bool json = false;
};

int fail(const std::string& what, const Error& error) {
  std::fprintf(stderr, "tango: %s\n", error.during(what).message().c_str());
  return kFailed;
}

/// Calls `act` with the store of the data folder that the command line names.
template <class Act>
int withStore(const Command& command, Act act) {
  if (!command.data_folder.empty()) {
    return act(ImageStore(command.data_folder));
  }
  const Result<std::string> folder = images::defaultDataFolder();
  return folder ? act(ImageStore(*folder)) : fail("find the data folder", folder.error());
}

std::string sizeText(std::uint64_t bytes) {
  static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1000 && unit + 1 < kUnits.size(); ++unit) {
    size /= 1024;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size, kUnits.at(unit));
  return text.data();
}

void printWarnings(const ImageInfo& image) {
  for (const std::string& warning : image.warnings) {
    std::fprintf(stderr, "tango: image '%s': %s\n", image.name.c_str(), warning.c_str());
  }
}

/// One line on a terminal that is rewritten as the import goes on.
void showProgress(std::uint64_t entries, std::uint64_t bytes) {
  std::fprintf(stderr, "\r%llu entries, %s \x1b[K", static_cast<unsigned long long>(entries),
               sizeText(bytes).c_str());
}

int importImage(const ImageStore& store, const Options& options) {
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  images::ImportOptions how;
  how.replace = options.replace;
  if (terminal) {
    how.progress = showProgress;
  }
  const std::string source = options.source == "-" ? "/dev/stdin" : options.source;
  const Result<ImageInfo> image = store.import(options.name, source, how);
  if (terminal) {
    std::fputs("\r\x1b[K", stderr);
  }
  if (!image) {
    return fail("import image '" + options.name + "'", image.error());
  }
  std::printf("Imported %s: %llu entries, %s\n", image->name.c_str(),
              static_cast<unsigned long long>(image->entries), sizeText(image->bytes).c_str());
  printWarnings(*image);
  return kOk;
}

void printTable(const std::vector<ImageInfo>& list) {
  int width = 4;
  for (const ImageInfo& image : list) {
    width = std::max(width, static_cast<int>(image.name.size()));
  }
  std::printf("%-*s  %10s  %9s  %s\n", width, "NAME", "SIZE", "ENTRIES", "IMPORTED");
  for (const ImageInfo& image : list) {
    std::printf("%-*s  %10s  %9llu  %s\n", width, image.name.c_str(), sizeText(image.bytes).c_str(),
                static_cast<unsigned long long>(image.entries),
                image.imported_at.empty() ? "-" : image.imported_at.c_str());
  }
}

void printJson(const std::vector<ImageInfo>& list) {
  const char* separator = "[";
  for (const ImageInfo& image : list) {
    std::printf("%s%s", separator, images::toJson(image).c_str());
    separator = ",\n ";
  }
  std::puts(list.empty() ? "[]" : "]");
}

int listImages(const ImageStore& store, const Options& options) {
  const Result<std::vector<ImageInfo>> list = store.list();
  if (!list) {
    return fail("list the images", list.error());
  }
  if (options.json) {
    printJson(*list);
    return kOk;
  }
  printTable(*list);
  std::for_each(list->begin(), list->end(), printWarnings);
  return kOk;
}

int removeImage(const ImageStore& store, const Options& options) {
  const Result<void> removed = store.remove(options.name);
  return removed ? kOk : fail("remove image '" + options.name + "'", removed.error());
}

/// When `verb` is given, `act(store, options)` is what is to be done.
template <class Act>
void onVerb(CLI::App* verb, Command& command, const std::shared_ptr<Options>& options, Act act) {
  verb->callback([&command, options, act] {
    command.run = [&command, options, act] {
      return withStore(command, [&](const ImageStore& store) { return act(store, *options); });
    };
  });
}

}  // namespace

void addImageCommand(CLI::App& app, Command& command) {
  const auto options = std::make_shared<Options>();
  CLI::App* image = app.add_subcommand("image", "Images that jobs of the sandbox run in");
  image->require_subcommand(1);

  CLI::App* import = image->add_subcommand("import", "Import a root file system");
  import->add_option("NAME", options->name, "What jobs will call it")->required();
  import
      ->add_option("SOURCE", options->source,
                   "A folder, a tarball, or what `docker save` wrote; -: standard input")
      ->required();
  import->add_flag("--replace", options->replace, "Take the place of an image of that name");
  onVerb(import, command, options, importImage);

  CLI::App* list = image->add_subcommand("list", "List the imported images");
  list->add_flag("--json", options->json, "As JSON, for programs");
  onVerb(list, command, options, listImages);

  CLI::App* remove = image->add_subcommand("remove", "Remove an image");
  remove->add_option("NAME", options->name, "The image")->required();
  onVerb(remove, command, options, removeImage);
}

}  // namespace tango::app
