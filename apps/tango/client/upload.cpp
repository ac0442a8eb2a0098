#include "tango/client/upload.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include <boost/json/object.hpp>

#include "base/utf8.hpp"
#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/file_hash.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::client {
namespace {

using base::Error;
using boost::json::array;
using boost::json::object;

struct Content {
  std::string path;
  std::uint64_t bytes = 0;
};

using Contents = std::map<std::string, Content>;  // by hash

/// One line on a terminal that is rewritten as the files go.
class Bar {
 public:
  explicit Bar(std::uint64_t total) : total_(total), shown_(isTerminal(stderr) && total > 0) {}
  Bar(const Bar&) = delete;
  Bar& operator=(const Bar&) = delete;
  ~Bar() {
    if (shown_) {
      std::fputs("\r\x1b[K", stderr);
    }
  }

  void show(std::uint64_t sent) {
    const auto percent = static_cast<int>(100 * std::min(sent, total_) / std::max(total_, kOne));
    if (!shown_ || percent == percent_) {
      return;
    }
    percent_ = percent;
    constexpr int kPercentPerMark = 5;
    const auto marks = static_cast<std::size_t>(percent / kPercentPerMark);
    const std::string bar =
        std::string(marks, '#') + std::string(100 / kPercentPerMark - marks, '.');
    std::fprintf(stderr, "\r[%s] %3d%% of %s\x1b[K", bar.c_str(), percent,
                 sizeText(static_cast<double>(total_)).c_str());
  }

 private:
  static constexpr std::uint64_t kOne = 1;
  const std::uint64_t total_;
  const bool shown_;
  int percent_ = -1;
};

/// Which of the contents the server asks for; whatever else it names is not sent.
Result<std::set<std::string>> missingAt(ApiClient& api, const Contents& contents) {
  array hashes;
  for (const auto& [sha256, content] : contents) {
    hashes.emplace_back(sha256);
  }
  const Result<object> answer =
      api.post("/v1/blobs/missing", object{{"sha256", std::move(hashes)}});
  if (!answer) {
    return answer.error();
  }
  std::set<std::string> missing;
  for (const boost::json::value& each : arrayOf(*answer, "missing")) {
    const std::string sha256 = each.is_string() ? std::string(each.get_string()) : "";
    if (contents.contains(sha256)) {
      missing.insert(sha256);
    }
  }
  return missing;
}

Result<void> sendMissing(ApiClient& api, const Contents& contents,
                         const std::set<std::string>& missing) {
  std::uint64_t total = 0;
  for (const std::string& sha256 : missing) {
    total += contents.at(sha256).bytes;
  }
  Bar bar(total);
  std::uint64_t before = 0;
  for (const std::string& sha256 : missing) {
    const Content& content = contents.at(sha256);
    const Result<void> sent = api.putBlob(sha256, content.path, content.bytes,
                                          [&](std::uint64_t bytes) { bar.show(before + bytes); });
    if (!sent) {
      return sent.error().during("send " + content.path);
    }
    before += content.bytes;
  }
  return {};
}

}  // namespace

Result<array> uploadFiles(ApiClient& api, const model::InputFiles& files) {
  Contents contents;
  array named;
  for (const model::InputFile& file : files) {
    if (base::replaceInvalidUtf8(file.dest_file) != file.dest_file) {
      return Error(base::ErrorKind::kInvalid,
                   "the name of " + file.local_file.string() +
                       " is not UTF-8; NAME=FILE gives the file another one");
    }
    const Result<HashedFile> hashed = hashFile(file.local_file);
    if (!hashed) {
      return hashed.error();
    }
    contents[hashed->sha256] = {file.local_file, hashed->bytes};
    named.push_back(object{{"name", file.dest_file}, {"sha256", hashed->sha256}});
  }
  const Result<std::set<std::string>> missing = missingAt(api, contents);
  if (!missing) {
    return missing.error();
  }
  if (const Result<void> sent = sendMissing(api, contents, *missing); !sent) {
    return sent.error();
  }
  return named;
}

}  // namespace tango::client
