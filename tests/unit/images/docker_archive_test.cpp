// Container images as docker and the OCI tools save them.
#include <doctest/doctest.h>

#include "images/image_store.hpp"
#include "unit/images/tarball.hpp"
#include "unit/images/test_folder.hpp"

namespace tango::images {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

std::string config(const std::string& architecture) {
  return R"({"architecture":")" + architecture +
         R"(","os":"linux","config":{"Env":["PATH=/opt/bin:/bin","LANG=C.UTF-8"]}})";
}

/// A saved image of two layers, to be spoilt by the test.
class SavedImage {
 public:
  SavedImage() : store_(folder_ / "data") {
    Tarball(folder_ / "lower")
        .file("usr/bin/make")
        .file("bin/sh")
        .file("gone")
        .file("etc/a", "old");
    Tarball(folder_ / "upper", Tarball::Compression::kGzip).file(".wh.gone").file("etc/a", "new");
    lower = contentOf(folder_ / "lower");
    upper = contentOf(folder_ / "upper");
  }

  Result<ImageInfo> importDocker() {
    Tarball(folder_ / "saved.tar")
        .file("two/layer.tar", upper)
        .file("one/layer.tar", lower)
        .file("config.json", config_text)
        .link("again/layer.tar", "../one/layer.tar")
        .file("manifest.json", manifest);
    return store_.import("a", folder_ / "saved.tar");
  }

  Result<ImageInfo> importOci() {
    Tarball(folder_ / "saved.tar")
        .file("oci-layout", R"({"imageLayoutVersion":"1.0.0"})")
        .file("index.json", index)
        .file("blobs/sha256/aa", image)
        .file("blobs/sha256/cc", config_text)
        .file("blobs/sha256/01", lower)
        .file("blobs/sha256/02", upper);
    return store_.import("a", folder_ / "saved.tar");
  }

  std::string lower;
  std::string upper;
  std::string config_text = config(hostArchitecture());
  std::string manifest =
      R"([{"Config":"config.json","RepoTags":null,"Layers":["one/layer.tar","two/layer.tar"]}])";
  std::string index = R"({"manifests":[
    {"digest":"sha256:ee","platform":{"architecture":"unknown","os":"unknown"}},
    {"digest":"sha256:aa","platform":{"os":"linux","architecture":")" +
                      hostArchitecture() + R"("}}]})";
  std::string image = R"({"config":{"digest":"sha256:cc"},
    "layers":[{"digest":"sha256:01"},{"digest":"sha256:02"}]})";

 private:
  TestFolder folder_;
  ImageStore store_;
};

void checkBothLayers(const Result<ImageInfo>& image) {
  REQUIRE(image.ok());
  CHECK(image->source == "docker");
  CHECK(image->environment == std::vector<std::string>{"PATH=/opt/bin:/bin", "LANG=C.UTF-8"});
  const fs::path root = image->rootfs;
  CHECK(contentOf(root / "etc/a") == "new");
  CHECK(!fs::exists(root / "gone"));
  CHECK(!fs::exists(root / "manifest.json"));
  CHECK(!fs::exists(root.parent_path() / "parts"));
  CHECK(image->warnings.empty());
}

TEST_CASE("what docker save wrote is imported layer by layer") {
  checkBothLayers(SavedImage().importDocker());
  SavedImage linked;
  linked.manifest = R"([{"Config":"config.json","Layers":["again/layer.tar","two/layer.tar"]}])";
  checkBothLayers(linked.importDocker());
}

TEST_CASE("an OCI layout is imported layer by layer") {
  checkBothLayers(SavedImage().importOci());
}

TEST_CASE("an image for another machine is refused") {
  SavedImage saved;
  saved.config_text = config("vax");
  for (const Result<ImageInfo>& image : {saved.importDocker(), saved.importOci()}) {
    REQUIRE(!image.ok());
    CHECK(image.error().kind() == ErrorKind::kUnsupported);
    CHECK(image.error().message().find("linux/vax") != std::string::npos);
  }
}

TEST_CASE("a malformed docker archive is refused") {
  const std::string one = R"({"Config":"config.json","Layers":["one/layer.tar"]})";
  for (const std::string& manifest :
       std::vector<std::string>{"[" + one + "," + one + "]",
                                R"([{"Config":"config.json","Layers":["missing/layer.tar"]}])",
                                R"([{"Config":"config.json","Layers":["../../../../etc/passwd"]}])",
                                R"([{"Config":"config.json","Layers":["config.json"]}])",
                                R"([{"Config":"config.json","Layers":["one"]}])",
                                R"([{"Config":"config.json","Layers":[1]}])",
                                R"([{"Config":"config.json","Layers":{}}])",
                                R"([{"Config":"missing.json","Layers":["one/layer.tar"]}])",
                                R"([{"Layers":["one/layer.tar"]}])"}) {
    CAPTURE(manifest);
    SavedImage saved;
    saved.manifest = manifest;
    CHECK(!saved.importDocker().ok());
  }
  SavedImage odd;
  odd.config_text = R"({"architecture":")" + hostArchitecture() + R"(","config":{"Env":["oops"]}})";
  CHECK(!odd.importDocker().ok());
}

TEST_CASE("a malformed OCI layout is refused") {
  for (const std::string& index :
       std::vector<std::string>{R"({"manifests":[]})",
                                R"({"manifests":[{"digest":"sha256:aa"},{"digest":"sha256:aa"}]})",
                                R"({"manifests":[{"digest":"sha256:../../../../etc/passwd"}]})",
                                R"({"manifests":[{"digest":"sha256:bb"}]})",
                                R"({"manifests":[{"digest":7}]})", "[]", "no JSON"}) {
    CAPTURE(index);
    SavedImage saved;
    saved.index = index;
    CHECK(!saved.importOci().ok());
  }
  SavedImage loop;  // an index that lists itself
  loop.image = R"({"manifests":[{"digest":"sha256:aa"}]})";
  CHECK(!loop.importOci().ok());
}

TEST_CASE("a layer that is hostile or broken fails the whole import") {
  SavedImage climbing;
  {
    const TestFolder folder;
    Tarball(folder / "t").file("../../escaped", "x");
    climbing.upper = contentOf(folder / "t");
  }
  CHECK(!climbing.importDocker().ok());
  SavedImage truncated;
  truncated.upper.resize(truncated.upper.size() / 2);
  CHECK(!truncated.importDocker().ok());
}

TEST_CASE("a root file system may have a manifest.json of its own") {
  const TestFolder folder;
  Tarball(folder / "t").file("bin/sh").file("manifest.json", R"([{"name":"mine"}])");
  const Result<ImageInfo> image = ImageStore(folder / "data").import("a", folder / "t");
  REQUIRE(image.ok());
  CHECK(image->source == "tarball");
  CHECK(image->warnings.size() == 1);
}

}  // namespace
}  // namespace tango::images
