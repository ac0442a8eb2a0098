#include "api/v1/job_form.hpp"

#include <optional>
#include <span>
#include <utility>

#include "api/v1/exchange.hpp"
#include "api/v1/job_request.hpp"
#include "api/v1/multipart.hpp"
#include "async/offload.hpp"
#include "base/safe_path.hpp"

namespace tango::api::v1 {
namespace {

using base::Result;
using boost::asio::awaitable;

constexpr const char* kJobPart = "job";
constexpr std::size_t kJobBytesMax = 1024 * 1024;
constexpr std::size_t kPiece = 256 * 1024;

/// One form being read: what its parts have come to so far.
class FormIntake {
 public:
  explicit FormIntake(const Service& service) : service_(service) {}

  awaitable<std::optional<Problem>> take(MultipartReader& reader, MultipartReader::Event event) {
    std::optional<Problem> problem;
    if (event == MultipartReader::Event::kPart) {
      problem = begin(reader.part());
    } else if (event == MultipartReader::Event::kData) {
      problem = co_await append(reader.data());
    } else if (event == MultipartReader::Event::kPartEnd && !in_job_) {
      problem = co_await keep();
    }
    co_return problem;
  }

  OrProblem<JobForm> finish() {
    if (!job_seen_) {
      return badField(kJobPart, "the form has no part called job");
    }
    return std::move(form_);
  }

 private:
  std::optional<Problem> begin(const PartHead& part) {
    in_job_ = part.name == kJobPart;
    if (in_job_) {
      if (std::exchange(job_seen_, true)) {
        return badField(kJobPart, "the form has two parts called job");
      }
      return std::nullopt;
    }
    if (!part.filename) {
      return badField(part.name, "the part " + part.name + " has no filename, and is not the job");
    }
    if (const Result<void> checked = base::checkComponent(*part.filename, "filename"); !checked) {
      return badField("filename", checked.error().message());
    }
    filename_ = *part.filename;
    return std::nullopt;
  }

  awaitable<std::optional<Problem>> append(std::string_view bytes) {
    std::string& target = in_job_ ? form_.job : pending_;
    target.append(bytes);
    if (in_job_ && form_.job.size() > kJobBytesMax) {
      Problem problem =
          badField(kJobPart, "the part job is over " + std::to_string(kJobBytesMax) + " bytes");
      problem.status = 413;
      co_return problem;
    }
    if (pending_.size() >= kPiece) {
      const Result<void> written =
          co_await async::offload(service_.blocking, [this] { return writePending(); });
      if (!written) {
        co_return uploadProblem(written.error());
      }
    }
    co_return std::nullopt;
  }

  awaitable<std::optional<Problem>> keep() {
    const Result<files::StoredBlob> blob =
        co_await async::offload(service_.blocking, [this] { return keepUpload(); });
    upload_.reset();
    if (!blob) {
      co_return uploadProblem(blob.error());
    }
    const Result<void> noted =
        co_await service_.store.putBlob({blob->sha256, blob->md5, blob->bytes}, service_.now());
    if (!noted) {
      co_return problemOf(noted.error());
    }
    form_.files.push_back({"", filename_, blob->sha256});
    co_return std::nullopt;
  }

  // On a thread that may block.
  Result<void> writePending() {
    if (!upload_) {
      Result<files::Upload> begun = service_.blobs.begin();
      if (!begun) {
        return begun.error();
      }
      upload_.emplace(*std::move(begun));
    }
    Result<void> written = upload_->write(pending_);
    pending_.clear();
    return written;
  }

  // On a thread that may block.
  Result<files::StoredBlob> keepUpload() {
    if (const Result<void> written = writePending(); !written) {
      return written.error();
    }
    return upload_->keep();
  }

  const Service& service_;
  JobForm form_;
  bool job_seen_ = false;
  bool in_job_ = false;
  std::string filename_;
  std::string pending_;  ///< of the file: not written yet
  std::optional<files::Upload> upload_;
};

/// Takes all that is in what was fed.
awaitable<std::optional<Problem>> takeAll(FormIntake& intake, MultipartReader& reader) {
  for (;;) {
    const Result<MultipartReader::Event> event = reader.next();
    if (!event) {
      co_return problemOf(event.error());
    }
    if (*event == MultipartReader::Event::kNeedMore) {
      co_return std::nullopt;
    }
    std::optional<Problem> problem = co_await intake.take(reader, *event);
    if (problem) {
      co_return problem;
    }
  }
}

}  // namespace

awaitable<OrProblem<JobForm>> readJobForm(const Service& service, http::BodyReader& body,
                                          std::string_view content_type) {
  const Result<std::string> boundary = boundaryOf(content_type);
  if (!boundary) {
    co_return problemOf(boundary.error());
  }
  MultipartReader reader(*boundary, {.parts_max = kJobFilesMax + 1});
  FormIntake intake(service);
  std::vector<char> piece(kPiece);
  for (;;) {
    const Result<std::size_t> got = co_await body.read(piece);
    if (!got) {
      co_return uploadProblem(got.error());
    }
    if (*got == 0) {
      break;
    }
    reader.feed(std::string_view(piece.data(), *got));
    std::optional<Problem> problem = co_await takeAll(intake, reader);
    if (problem) {
      co_return *std::move(problem);
    }
  }
  if (const Result<void> whole = reader.finish(); !whole) {
    co_return problemOf(whole.error());
  }
  co_return intake.finish();
}

}  // namespace tango::api::v1
