// What of a saved image a host is given: one image without a name, and nothing else.
#include <fstream>
#include <map>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archive_reader.hpp"
#include "support/temp_folder.hpp"
#include "unit/docker/docker_save.hpp"
#include "vmms/docker/saved_image.hpp"
#include "vmms/docker/tar.hpp"

namespace tango::vmms::docker {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using images::ArchiveReader;
using images::EntryType;
using images::Tarball;

/// Names and contents of the new archive, which holds files only.
std::map<std::string, std::string> filesOf(SavedImage image) {
  ::lseek(image.tarball.get(), 0, SEEK_SET);
  struct stat facts{};
  REQUIRE(::fstat(image.tarball.get(), &facts) == 0);
  CHECK(static_cast<std::uint64_t>(facts.st_size) == image.bytes);
  auto reader = ArchiveReader::open(std::move(image.tarball));
  REQUIRE(reader.ok());
  std::map<std::string, std::string> files;
  for (auto entry = reader->next(); *entry; entry = reader->next()) {
    CHECK((*entry)->type == EntryType::kFile);
    std::string& content = files[(*entry)->path];
    for (auto piece = reader->nextPiece(); *piece; piece = reader->nextPiece()) {
      content.append((*piece)->bytes);
    }
  }
  return files;
}

class Fixture {
 public:
  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  [[nodiscard]] DockerSave save(std::string tag = "ubuntu:22.04") const {
    return {folder(), std::move(tag), {{"usr/bin/make", "make"}}};
  }

  /// The error, and that nothing was left beside the tarball.
  [[nodiscard]] ErrorKind refusal(const fs::path& tarball,
                                  const SavedImageLimits& limits = {}) const {
    const auto before = std::distance(fs::directory_iterator(folder()), {});
    const auto image = readSavedImage(tarball, limits);
    CHECK(std::distance(fs::directory_iterator(folder()), {}) == before);
    REQUIRE(!image.ok());
    return image.error().kind();
  }

 private:
  test::TempFolder folder_;
};

TEST_CASE_FIXTURE(Fixture, "the image comes through, its names do not") {
  const DockerSave saved = save();
  for (const auto compression :
       {Tarball::Compression::kNone, Tarball::Compression::kGzip, Tarball::Compression::kZstd}) {
    auto image = readSavedImage(saved.write("saved.tar", compression));
    REQUIRE(image.ok());
    CHECK(image->id == saved.id());
    const auto files = filesOf(*std::move(image));
    CHECK(files.size() == 3);
    CHECK(files.at("config.json") == saved.config);
    CHECK(files.at("layer-0.tar") == saved.layer);
    CHECK(files.at("manifest.json") ==
          R"([{"Config":"config.json","RepoTags":null,"Layers":["layer-0.tar"]}])");
  }
}

TEST_CASE_FIXTURE(Fixture, "a layer that is there as a link, or named twice, is the same layer") {
  DockerSave saved = save();
  saved.manifest = R"([{"Config":"./config.json","RepoTags":[],"Layers":[
    "one/layer.tar","two/layer.tar","./one//layer.tar","three/layer.tar"]}])";
  Tarball(folder() / "saved.tar")
      .folder("one")
      .file("./one/layer.tar", saved.layer)
      .link("two/layer.tar", "../one/layer.tar")
      .hardLink("three/layer.tar", "one/layer.tar")
      .file("config.json", saved.config)
      .file("manifest.json", saved.manifest);
  auto image = readSavedImage(folder() / "saved.tar");
  REQUIRE(image.ok());
  const auto files = filesOf(*std::move(image));
  CHECK(files.size() == 3);
  CHECK(files.at("manifest.json")
            .find(R"("Layers":["layer-1.tar","layer-1.tar","layer-1.tar","layer-1.tar"])") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "an archive of the OCI layout is one too") {
  const DockerSave saved = save();
  const auto blob = [](const std::string& bytes) { return "blobs/sha256/" + sha256(bytes); };
  const std::string manifest = R"({"config":{"digest":"sha256:)" + sha256(saved.config) +
                               R"("},"layers":[{"digest":"sha256:)" + sha256(saved.layer) +
                               R"("}]})";
  Tarball(folder() / "oci.tar")
      .file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})")
      .file("index.json", R"({"manifests":[{"digest":"sha256:)" + sha256(manifest) +
                              R"(","annotations":{"io.containerd.image.name":"ubuntu:22.04"}}]})")
      .file(blob(manifest), manifest)
      .file(blob(saved.config), saved.config)
      .file(blob(saved.layer), saved.layer);
  auto image = readSavedImage(folder() / "oci.tar");
  REQUIRE(image.ok());
  const auto files = filesOf(*std::move(image));
  CHECK(files.size() == 3);
  CHECK(files.at("layer-4.tar") == saved.layer);
}

TEST_CASE_FIXTURE(Fixture, "holes in a layer come through as zeros") {
  const DockerSave saved = save();
  Tarball(folder() / "saved.tar")
      .sparse("one/layer.tar", 300'000, 150'000, "middle")
      .file("config.json", saved.config)
      .file("manifest.json", saved.manifest);
  auto image = readSavedImage(folder() / "saved.tar");
  REQUIRE(image.ok());
  const auto files = filesOf(*std::move(image));
  std::string layer(300'000, '\0');
  layer.replace(150'000, 6, "middle");
  CHECK(files.at("layer-0.tar") == layer);
}

TEST_CASE_FIXTURE(Fixture, "what is not exactly one image is refused") {
  DockerSave saved = save();
  const std::string one = saved.manifest.substr(1, saved.manifest.size() - 2);
  for (const std::string& manifest :
       {"[" + one + "," + one + "]", std::string("[]"), std::string("{}"), std::string("[1]"),
        std::string("["), std::string(), std::string(1000, '['),
        std::string(R"([{"Layers":["one/layer.tar"]}])"),
        std::string(R"([{"Config":"config.json","Layers":[7]}])"),
        std::string(R"([{"Config":"config.json","Layers":["nope"]}])"),
        std::string(R"([{"Config":"config.json","Layers":["../../../etc/passwd"]}])"),
        std::string(R"([{"Config":"config.json","Layers":["/etc/passwd"]}])"),
        std::string(R"([{"Config":"/etc/passwd","Layers":["one/layer.tar"]}])")}) {
    saved.manifest = manifest;
    const auto image = readSavedImage(saved.write("saved.tar"));
    REQUIRE_MESSAGE(!image.ok(), manifest);
    CHECK((image.error().kind() == ErrorKind::kInvalid ||
           image.error().kind() == ErrorKind::kNotFound));
  }
}

TEST_CASE_FIXTURE(Fixture, "an image for another machine is refused") {
  DockerSave saved = save();
  saved.config = R"({"architecture":"pdp11","os":"linux"})";
  CHECK(refusal(saved.write("saved.tar")) == ErrorKind::kUnsupported);
}

TEST_CASE_FIXTURE(Fixture, "what is no tarball of an image is refused") {
  CHECK(refusal(folder()) == ErrorKind::kInvalid);
  CHECK(refusal(folder() / "nope") == ErrorKind::kNotFound);
  std::ofstream(folder() / "empty").close();
  CHECK(refusal(folder() / "empty") == ErrorKind::kInvalid);
  std::ofstream(folder() / "text") << "no tarball at all\n";
  CHECK(refusal(folder() / "text") == ErrorKind::kInvalid);
  Tarball(folder() / "root.tar").file("usr/bin/make", "make").folder("etc");
  CHECK(refusal(folder() / "root.tar") == ErrorKind::kInvalid);
  ::mkfifo((folder() / "fifo").c_str(), 0600);
  CHECK(refusal(folder() / "fifo") == ErrorKind::kInvalid);
  const std::string whole = contentOf(save().write("saved.tar"));
  std::ofstream(folder() / "cut", std::ios::binary) << whole.substr(0, 1000);
  CHECK(refusal(folder() / "cut") == ErrorKind::kInvalid);
}

TEST_CASE_FIXTURE(Fixture, "an archive in which two readers could see two things is refused") {
  const DockerSave saved = save();
  const auto begin = [&](Tarball& tarball) -> Tarball& {
    return tarball.file("one/layer.tar", saved.layer).file("config.json", saved.config);
  };
  {
    Tarball tarball(folder() / "twice.tar");
    begin(tarball).file("manifest.json", saved.manifest).file("./manifest.json", "[]");
  }
  CHECK(refusal(folder() / "twice.tar") == ErrorKind::kInvalid);
  {
    Tarball tarball(folder() / "out.tar");
    begin(tarball).file("manifest.json", saved.manifest).file("../../x", "");
  }
  CHECK(refusal(folder() / "out.tar") == ErrorKind::kInvalid);
  {
    Tarball tarball(folder() / "loop.tar");
    begin(tarball).link("manifest.json", "b").link("b", "manifest.json");
  }
  CHECK(refusal(folder() / "loop.tar") == ErrorKind::kInvalid);
  {
    Tarball tarball(folder() / "host.tar");
    begin(tarball).link("manifest.json", "/etc/passwd");
  }
  CHECK(refusal(folder() / "host.tar") == ErrorKind::kInvalid);
  {
    Tarball tarball(folder() / "device.tar");
    begin(tarball).special("manifest.json", S_IFIFO);
  }
  CHECK(refusal(folder() / "device.tar") == ErrorKind::kInvalid);
}

TEST_CASE_FIXTURE(Fixture, "an archive over the bounds is refused before it fills the disk") {
  const DockerSave saved = save();
  CHECK(refusal(saved.write("saved.tar"), {.bytes_max = 2048}) == ErrorKind::kTooLarge);
  CHECK(refusal(saved.write("saved.tar"), {.members_max = 2}) == ErrorKind::kTooLarge);
  Tarball(folder() / "sparse.tar")
      .sparse("one/layer.tar", std::uint64_t{1} << 40, 0, "x")
      .file("config.json", saved.config)
      .file("manifest.json", saved.manifest);
  CHECK(refusal(folder() / "sparse.tar") == ErrorKind::kTooLarge);
  {
    Tarball tarball(folder() / "talk.tar");
    for (int at = 0; at < 10; ++at) {
      tarball.file(std::to_string(at), "{" + std::string(2 << 20, ' ') + "}");
    }
  }
  CHECK(refusal(folder() / "talk.tar") == ErrorKind::kTooLarge);
}

TEST_CASE("the head of a file over 8 GiB says its size") {
  constexpr std::uint64_t kSize = (std::uint64_t{9} << 30) + 1;
  test::TempFolder folder;
  auto reader = ArchiveReader::open(base::UniqueFd(
      ::open(folder.write("a.tar", tarHead("big", 0644, kSize)).c_str(), O_RDONLY | O_CLOEXEC)));
  REQUIRE(reader.ok());
  const auto entry = reader->next();
  REQUIRE((entry.ok() && *entry));
  CHECK((*entry)->size == kSize);
}

}  // namespace
}  // namespace tango::vmms::docker
