#include "vmms/docker/saved_image.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "base/write_all.hpp"
#include "images/archive_reader.hpp"
#include "images/docker_archive.hpp"
#include "vmms/docker/tar.hpp"

namespace tango::vmms::docker {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::systemError;
using base::UniqueFd;
using images::ArchiveEntry;
using images::ArchivePiece;
using images::ArchiveReader;
using images::EntryType;

constexpr std::uint64_t kOneTextBytesMax = 4 * 1024 * 1024;
constexpr std::uint64_t kTextBytesMax = 16 * 1024 * 1024;   // of all JSON in an archive
constexpr std::uint64_t kNamesBytesMax = 16 * 1024 * 1024;  // of all names in it
constexpr int kLinksMax = 8;
constexpr const char* kScratchName = "the copy of the image";

/// What an archive has under a name.
struct Member {
  std::size_t ordinal = 0;  ///< its place among the entries
  EntryType type = EntryType::kFile;
  std::string target;  ///< of a link
  std::uint64_t bytes = 0;
  std::string text;  ///< of what may be JSON
};
using Members = std::map<std::string, Member>;

Error invalid(const std::string& what) {
  return {ErrorKind::kInvalid, what};
}

/// `path` seen from `folder`, without "." and ".."; nothing: it leads out. The archive is the root.
std::optional<std::string> resolved(const std::string& folder, const std::string& path) {
  std::vector<std::string> parts;
  for (const std::filesystem::path& part : std::filesystem::path(folder) / path) {
    if (part == "..") {
      if (parts.empty()) {
        return std::nullopt;
      }
      parts.pop_back();
    } else if (part != "." && !part.empty() && part != "/") {
      parts.push_back(part);
    }
  }
  std::string all;
  for (const std::string& part : parts) {
    all += (all.empty() ? "" : "/") + part;
  }
  return all;
}

Result<UniqueFd> openTarball(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat facts{};
  if (!file || ::fstat(file.get(), &facts) != 0) {
    return systemError(errno, "open the tarball");
  }
  if (!S_ISREG(facts.st_mode)) {
    return invalid("the tarball is no regular file");
  }
  return file;
}

/// One pass over an archive.
class Pass {
 public:
  static Result<Pass> begin(const UniqueFd& tarball) {
    UniqueFd file(::fcntl(tarball.get(), F_DUPFD_CLOEXEC, 0));
    if (!file || ::lseek(file.get(), 0, SEEK_SET) != 0) {
      return systemError(errno, "read the tarball");
    }
    Result<ArchiveReader> reader = ArchiveReader::open(std::move(file));
    if (!reader) {
      return reader.error();
    }
    return Pass(*std::move(reader));
  }
  Result<std::optional<ArchiveEntry>> next() { return reader_.next(); }
  /// Gives the current entry's content to `take` piece by piece, its holes as zeros.
  template <class Take>
  Result<void> content(std::uint64_t bytes, Take take);

 private:
  explicit Pass(ArchiveReader reader) : reader_(std::move(reader)) {}
  ArchiveReader reader_;
};

template <class Take>
Result<void> Pass::content(std::uint64_t bytes, Take take) {
  static constexpr std::array<char, 65536> kZeros{};
  std::uint64_t at = 0;
  const auto fillTo = [&](std::uint64_t end) -> Result<void> {
    while (at < end) {
      const std::uint64_t some = std::min<std::uint64_t>(kZeros.size(), end - at);
      const Result<void> taken = take(std::string_view(kZeros.data(), some));
      if (!taken) {
        return taken;
      }
      at += some;
    }
    return {};
  };
  for (;;) {
    const Result<std::optional<ArchivePiece>> piece = reader_.nextPiece();
    if (!piece) {
      return piece.error();
    }
    if (!*piece) {
      return fillTo(bytes);
    }
    const std::uint64_t begin = (*piece)->offset;
    if (begin < at || begin > bytes || (*piece)->bytes.size() > bytes - begin) {
      return invalid("the tarball is broken: a file in it has more than its size");
    }
    Result<void> taken = fillTo(begin);
    if (taken) {
      taken = take((*piece)->bytes);
    }
    if (!taken) {
      return taken;
    }
    at += (*piece)->bytes.size();
  }
}

/// First pass: what is in the archive, and the text of what may describe the image.
class Listing {
 public:
  explicit Listing(const SavedImageLimits& limits) : limits_(limits) {}

  Result<void> read(Pass& pass);
  [[nodiscard]] Result<std::string> text(const std::string& path) const;
  /// The file that `path` leads to, through the archive's own links.
  [[nodiscard]] const Member* file(const std::string& path) const;

 private:
  Result<void> add(Pass& pass, const ArchiveEntry& entry, std::size_t ordinal);
  Result<std::string> textOf(Pass& pass, const ArchiveEntry& entry);

  const SavedImageLimits& limits_;
  Members members_;
  std::uint64_t bytes_ = 0;
  std::uint64_t names_bytes_ = 0;
  std::uint64_t text_bytes_ = 0;
};

Result<void> Listing::read(Pass& pass) {
  for (std::size_t ordinal = 0;; ++ordinal) {
    const Result<std::optional<ArchiveEntry>> entry = pass.next();
    if (!entry) {
      return entry.error();
    }
    if (!*entry) {
      return {};
    }
    if (ordinal >= limits_.members_max) {
      return Error(ErrorKind::kTooLarge, "the tarball has over " +
                                             std::to_string(limits_.members_max) +
                                             " files: it is not what docker save writes");
    }
    const Result<void> added = add(pass, **entry, ordinal);
    if (!added) {
      return added;
    }
  }
}

Result<void> Listing::add(Pass& pass, const ArchiveEntry& entry, std::size_t ordinal) {
  if (entry.type == EntryType::kFolder) {
    return {};
  }
  const std::optional<std::string> path = resolved("", entry.path);
  if (!path || path->empty()) {
    return invalid("the tarball has a path that leads out of it");
  }
  names_bytes_ += path->size() + entry.target.size();
  if (names_bytes_ > kNamesBytesMax) {
    return Error(ErrorKind::kTooLarge, "the names in the tarball are too long");
  }
  // Also of what nobody needs: a compressed archive has to be unpacked to pass it over.
  if (entry.size > limits_.bytes_max - bytes_) {
    return Error(ErrorKind::kTooLarge,
                 "the tarball holds more than " + std::to_string(limits_.bytes_max) + " bytes");
  }
  bytes_ += entry.size;
  Member member{ordinal, entry.type, entry.target, entry.size, ""};
  if (entry.type == EntryType::kFile) {
    Result<std::string> text = textOf(pass, entry);
    if (!text) {
      return text.error();
    }
    member.text = *std::move(text);
  }
  if (!members_.emplace(*path, std::move(member)).second) {
    return invalid("the tarball has a file twice");
  }
  return {};
}

// What is no JSON, or too much of it, stays unread. A layer begins with a file's name.
Result<std::string> Listing::textOf(Pass& pass, const ArchiveEntry& entry) {
  std::string text;
  if (entry.size > kOneTextBytesMax) {
    return text;
  }
  bool begun = false;
  bool is_json = false;
  const Result<void> read = pass.content(entry.size, [&](std::string_view piece) -> Result<void> {
    if (!begun) {
      begun = true;
      const std::size_t first = piece.find_first_not_of(" \t\r\n");
      is_json = first != std::string_view::npos && (piece[first] == '{' || piece[first] == '[');
    }
    if (is_json) {
      text_bytes_ += piece.size();
      text += piece;
    }
    return text_bytes_ <= kTextBytesMax
               ? Result<void>()
               : Error(ErrorKind::kTooLarge, "the descriptions in the tarball are too long");
  });
  if (!read) {
    return read.error();
  }
  return text;
}

Result<std::string> Listing::text(const std::string& path) const {
  const Member* const member = file(path);
  if (member == nullptr || member->text.empty()) {
    return Error(ErrorKind::kNotFound, "there is no " + path);
  }
  return member->text;
}

const Member* Listing::file(const std::string& path) const {
  std::optional<std::string> at = resolved("", path);
  for (int links = 0; at && links <= kLinksMax; ++links) {
    const auto found = members_.find(*at);
    if (found == members_.end()) {
      return nullptr;
    }
    const Member& member = found->second;
    switch (member.type) {
      case EntryType::kFile:
        return &member;
      case EntryType::kHardLink:
        at = resolved("", member.target);
        break;
      case EntryType::kLink:
        at = resolved(std::filesystem::path(*at).parent_path(), member.target);
        break;
      default:
        return nullptr;
    }
  }
  return nullptr;
}

/// A file of ours that no folder has.
Result<UniqueFd> scratchFile(const std::string& beside) {
  const std::string folder = std::filesystem::path(beside).parent_path();
  UniqueFd file(
      ::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) {
    return file;
  }
  std::error_code failure;
  std::string pattern = std::filesystem::temp_directory_path(failure) / "tango-image-XXXXXX";
  file.reset(::mkostemp(pattern.data(), O_CLOEXEC));
  if (!file) {
    return systemError(errno, std::string("make ") + kScratchName);
  }
  ::unlink(pattern.c_str());
  return file;
}

std::string idOf(std::string_view config) {
  return "sha256:" + base::hexOf(base::sha256Of(config));
}

/// Second pass: the layers, into the new archive.
class Writer {
 public:
  Writer(int fd, const SavedImageLimits& limits) : fd_(fd), limits_(limits) {}

  Result<void> file(const std::string& name, std::string_view content) {
    Result<void> done = put(tarHead(name, 0644, content.size()));
    if (done) {
      done = put(content);
    }
    return done ? put(tarPadding(content.size())) : done;
  }
  Result<void> layers(Pass& pass, const std::map<std::size_t, std::string>& name_of);
  Result<void> end() { return put(tarEnd()); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  Result<void> put(std::string_view piece) {
    bytes_ += piece.size();
    if (bytes_ > limits_.bytes_max) {
      return Error(ErrorKind::kTooLarge,
                   "the image is larger than " + std::to_string(limits_.bytes_max) + " bytes");
    }
    return base::writeAll(fd_, piece, kScratchName);
  }
  Result<void> layer(Pass& pass, const std::string& name, std::uint64_t bytes);

  const int fd_;
  const SavedImageLimits& limits_;
  std::uint64_t bytes_ = 0;
};

Result<void> Writer::layer(Pass& pass, const std::string& name, std::uint64_t bytes) {
  Result<void> done = put(tarHead(name, 0644, bytes));
  if (done) {
    done = pass.content(bytes, [this](std::string_view piece) { return put(piece); });
  }
  return done ? put(tarPadding(bytes)) : done;
}

Result<void> Writer::layers(Pass& pass, const std::map<std::size_t, std::string>& name_of) {
  std::size_t written = 0;
  for (std::size_t ordinal = 0; written < name_of.size(); ++ordinal) {
    const Result<std::optional<ArchiveEntry>> entry = pass.next();
    if (!entry) {
      return entry.error();
    }
    if (!*entry) {
      return invalid("the tarball has changed while it was read");
    }
    const auto found = name_of.find(ordinal);
    if (found == name_of.end()) {
      continue;
    }
    const Result<void> done = layer(pass, found->second, (*entry)->size);
    if (!done) {
      return done;
    }
    ++written;
  }
  return {};
}

/// What is written anew of an archive: manifest.json, the configuration, the layers by their place.
struct Plan {
  std::string manifest;
  std::string config;
  std::map<std::size_t, std::string> layers;
};

Result<Plan> planOf(const Listing& listing) {
  const Result<std::optional<images::DockerArchive>> archive =
      images::readDockerArchive([&listing](const std::string& path) { return listing.text(path); });
  if (!archive) {
    return archive.error();
  }
  if (!*archive) {
    return invalid("it is not what docker save writes: it has no manifest.json of one image");
  }
  Plan plan;
  json::array layers;
  for (const std::string& path : (*archive)->layers) {
    const Member* const member = listing.file(path);
    if (member == nullptr) {
      return invalid("the container image is malformed: a layer is missing");
    }
    const std::string name = "layer-" + std::to_string(member->ordinal) + ".tar";
    plan.layers[member->ordinal] = name;
    layers.emplace_back(name);
  }
  Result<std::string> config = listing.text((*archive)->config);
  if (!config) {
    return config.error();
  }
  plan.config = *std::move(config);
  plan.manifest = json::serialize(json::array{json::object{
      {"Config", "config.json"}, {"RepoTags", nullptr}, {"Layers", std::move(layers)}}});
  return plan;
}

}  // namespace

Result<SavedImage> readSavedImage(const std::string& path, const SavedImageLimits& limits) {
  const Result<UniqueFd> tarball = openTarball(path);
  if (!tarball) {
    return tarball.error();
  }
  Result<Pass> first = Pass::begin(*tarball);
  if (!first) {
    return first.error();
  }
  Listing listing(limits);
  const Result<void> listed = listing.read(*first);
  if (!listed) {
    return listed.error();
  }
  const Result<Plan> plan = planOf(listing);
  if (!plan) {
    return plan.error();
  }
  Result<UniqueFd> scratch = scratchFile(path);
  Result<Pass> second = Pass::begin(*tarball);
  if (!scratch || !second) {
    return scratch ? second.error() : scratch.error();
  }
  Writer writer(scratch->get(), limits);
  Result<void> written = writer.file("manifest.json", plan->manifest);
  if (written) {
    written = writer.file("config.json", plan->config);
  }
  if (written) {
    written = writer.layers(*second, plan->layers);
  }
  if (written) {
    written = writer.end();
  }
  if (!written) {
    return written.error();
  }
  return SavedImage{*std::move(scratch), writer.bytes(), idOf(plan->config)};
}

}  // namespace tango::vmms::docker
