#include "http/message.hpp"

#include <algorithm>

namespace tango::http {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

}  // namespace

awaitable<Result<std::string>> BodyReader::readAll(std::uint64_t bytes_max) {
  const auto too_large = [bytes_max] {
    return base::Error(base::ErrorKind::kTooLarge,
                       "the body is over " + std::to_string(bytes_max) + " bytes");
  };
  const std::optional<std::uint64_t> announced = announcedBytes();
  if (announced && *announced > bytes_max) {
    co_return too_large();
  }
  std::string text;
  while (!announced || text.size() < *announced) {
    const std::size_t before = text.size();
    const std::uint64_t wanted = announced ? *announced - before : kPieceBytes;
    text.resize(before + static_cast<std::size_t>(std::min<std::uint64_t>(wanted, kPieceBytes)));
    const Result<std::size_t> got = co_await read(std::span(text).subspan(before));
    if (!got) {
      co_return got.error();
    }
    text.resize(before + *got);
    if (*got == 0) {
      break;
    }
    if (text.size() > bytes_max) {
      co_return too_large();
    }
  }
  co_return text;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace tango::http
