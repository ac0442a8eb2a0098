#include "unit/docker/docker_save.hpp"

#include <array>
#include <fstream>
#include <sstream>

#include <openssl/evp.h>

#include "base/hex.hpp"
#include "images/image_info.hpp"

namespace tango::vmms::docker {

std::string sha256(const std::string& bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned size = digest.size();
  ::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, ::EVP_sha256(), nullptr);
  return base::hexOf(digest);
}

std::string contentOf(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

DockerSave::DockerSave(const std::filesystem::path& into, std::string tag,
                       const std::vector<std::pair<std::string, std::string>>& files,
                       std::string settings)
    : folder(into) {
  {
    images::Tarball tarball(folder / "layer.tar");
    for (const auto& [path, content] : files) {
      tarball.file(path, content);
    }
  }
  layer = contentOf(folder / "layer.tar");
  config = R"({"architecture":")" + images::hostArchitecture() + R"(","os":"linux","config":)" +
           settings + R"(,"rootfs":{"type":"layers","diff_ids":["sha256:)" + sha256(layer) +
           R"("]}})";
  manifest = R"([{"Config":"config.json","RepoTags":)" +
             (tag.empty() ? "null" : "[\"" + tag + "\"]") + R"(,"Layers":["one/layer.tar"]}])";
}

std::filesystem::path DockerSave::write(const std::string& name,
                                        images::Tarball::Compression compression) const {
  images::Tarball(folder / name, compression)
      .file("one/layer.tar", layer)
      .file("config.json", config)
      .file("manifest.json", manifest)
      .file("repositories", R"({"tango-test-stock":{"latest":")" + std::string(64, 'a') + "\"}}");
  return folder / name;
}

std::string DockerSave::id() const {
  return "sha256:" + sha256(config);
}

}  // namespace tango::vmms::docker
