// A chain of credentials and the thread of a service that has it, for tests: with a home of its own
// and a clock that the test moves.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aws/credentials.hpp"
#include "support/run_on.hpp"
#include "support/temp_folder.hpp"

namespace tango::test {

class Looking {
 public:
  Looking() {
    sources.environment = {{"HOME", home().string()}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  }

  [[nodiscard]] const std::filesystem::path& home() const { return folder_.path(); }
  /// Writes a file beneath the home, readable by its owner alone, and returns its path.
  std::string write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((home() / name).parent_path());
    const std::filesystem::path file = folder_.write(name, content);
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    return file.string();
  }

  /// Made of `sources` as they are when it is first asked for.
  [[nodiscard]] aws::CredentialChain& chain() {
    if (!chain_) {
      chain_ = aws::CredentialChain::make(context.get_executor(), blocking_, sources,
                                          [this] { return now_ms; });
    }
    return *chain_;
  }

  base::Result<aws::Credentials> find() { return runOn(context, chain().find()); }
  std::string region() { return runOn(context, chain().region()); }

  /// The id of what is found; a test fails where there is nothing.
  std::string foundId() {
    const auto found = find();
    REQUIRE_MESSAGE(found.ok(), found.error().message());
    return found->access_key_id;
  }
  /// Why there is nothing, which never has a secret in it.
  std::string refusal(base::ErrorKind kind) {
    const auto found = find();
    REQUIRE(!found.ok());
    CHECK(found.error().kind() == kind);
    CHECK(found.error().message().find("HUSH") == std::string::npos);
    return found.error().message();
  }
  std::string invalid() { return refusal(base::ErrorKind::kInvalid); }
  std::string notFound() { return refusal(base::ErrorKind::kNotFound); }

  aws::CredentialSources sources;
  base::UnixMillis now_ms = 1'795'537'908'000;  // 2026-11-24T16:31:48Z
  boost::asio::io_context context;

 private:
  TempFolder folder_;
  boost::asio::thread_pool blocking_{2};
  std::unique_ptr<aws::CredentialChain> chain_;
};

}  // namespace tango::test
