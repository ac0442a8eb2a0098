#include "api/stored_upload.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "async/offload.hpp"

namespace tango::api {
namespace {

using base::Result;
using boost::asio::awaitable;

constexpr std::size_t kPiece = 256 * 1024;

// Fills `piece` from the body: how much is in it; less than its size only at the body's end.
awaitable<Result<std::size_t>> fill(http::BodyReader& body, std::vector<char>& piece) {
  std::size_t filled = 0;
  while (filled < piece.size()) {
    Result<std::size_t> got = co_await body.read(std::span(piece).subspan(filled));
    if (!got) {
      co_return got;
    }
    if (*got == 0) {
      break;
    }
    filled += *got;
  }
  co_return filled;
}

Result<void> append(files::BlobStore& blobs, std::optional<files::Upload>& upload,
                    std::span<const char> bytes) {
  if (!upload) {
    Result<files::Upload> begun = blobs.begin();
    if (!begun) {
      return begun.error();
    }
    upload.emplace(*std::move(begun));
  }
  return upload->write(bytes);
}

Result<store::Blob> finish(files::BlobStore& blobs, std::optional<files::Upload>& upload,
                           std::span<const char> last) {
  if (const Result<void> written = append(blobs, upload, last); !written) {
    return written.error();
  }
  const Result<files::StoredBlob> kept = upload->keep();
  return kept ? Result<store::Blob>(store::Blob{kept->sha256, kept->md5, kept->bytes})
              : Result<store::Blob>(kept.error());
}

}  // namespace

awaitable<Result<store::Blob>> storeBody(const Service& service, http::BodyReader& body) {
  // One byte more than was announced shows the end in the first round.
  const std::uint64_t announced = body.announcedBytes().value_or(kPiece);
  std::vector<char> piece(std::min<std::uint64_t>(kPiece, announced + 1));
  std::optional<files::Upload> upload;
  for (;;) {
    const Result<std::size_t> filled = co_await fill(body, piece);
    if (!filled) {
      co_return filled.error();
    }
    const std::span<const char> bytes(piece.data(), *filled);
    if (*filled < piece.size()) {
      Result<store::Blob> blob = co_await async::offload(
          service.blocking, [&] { return finish(service.blobs, upload, bytes); });
      co_return blob;
    }
    const Result<void> written = co_await async::offload(
        service.blocking, [&] { return append(service.blobs, upload, bytes); });
    if (!written) {
      co_return written.error();
    }
  }
}

}  // namespace tango::api
