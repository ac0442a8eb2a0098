#include "drive/messages.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/assert.hpp"

namespace tango::drive {
namespace {

using base::Error;
using base::ErrorKind;

constexpr ErrorKind kLastKind = ErrorKind::kSystem;
// Clocks count on from it, in signed 64 bits of nanoseconds.
constexpr std::uint64_t kMillisMax = 1'000'000'000'000;

std::uint64_t millisOf(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(std::max<std::chrono::milliseconds::rep>(time.count(), 0));
}

std::chrono::milliseconds timeOf(std::uint64_t millis) {
  return std::chrono::milliseconds(std::min(millis, kMillisMax));
}

}  // namespace

Request runRequest(const model::RunLimits& limits) {
  Request request;
  request.processes = limits.processes;
  request.file_size_bytes = limits.file_size_bytes;
  request.wall_time_ms = millisOf(limits.wall_time);
  request.cpu_time_ms = millisOf(limits.cpu_time);
  request.output_bytes = limits.output_bytes;
  request.open_files = limits.open_files;
  request.ask = Ask::kRun;
  return request;
}

model::RunLimits limitsOf(const Request& request) {
  model::RunLimits limits;
  limits.processes = request.processes;
  limits.file_size_bytes = request.file_size_bytes;
  limits.wall_time = timeOf(request.wall_time_ms);
  limits.cpu_time = timeOf(request.cpu_time_ms);
  limits.output_bytes = request.output_bytes;
  limits.open_files = request.open_files;
  return limits;
}

std::string encodeReply(Tell tell, std::string_view payload) {
  TANGO_ASSERT(payload.size() <= kPayloadMax, "the payload of a reply is too large");
  ReplyHead head;
  head.size = static_cast<std::uint32_t>(payload.size());
  head.tell = tell;
  std::string reply(sizeof head, '\0');
  std::memcpy(reply.data(), &head, sizeof head);
  reply.append(payload);
  return reply;
}

std::string encodeReady() {
  std::string payload(sizeof kProtocol, '\0');
  std::memcpy(payload.data(), &kProtocol, sizeof kProtocol);
  return encodeReply(Tell::kReady, payload);
}

std::string encodeFailure(const Error& error) {
  std::string payload(1, static_cast<char>(error.kind()));
  payload.append(error.message(), 0, kPayloadMax - 1);
  return encodeReply(Tell::kFailed, payload);
}

Error decodeFailure(std::string_view payload) {
  const auto kind = payload.empty() ? 0U : static_cast<unsigned char>(payload.front());
  if (payload.empty() || kind > static_cast<unsigned>(kLastKind)) {
    return {ErrorKind::kSystem, "autodriver failed, and does not say why"};
  }
  return {static_cast<ErrorKind>(kind), std::string(payload.substr(1))};
}

std::string encodeLive(std::uint64_t offset, std::string_view bytes) {
  std::string payload(sizeof offset, '\0');
  std::memcpy(payload.data(), &offset, sizeof offset);
  payload.append(bytes);
  return encodeReply(Tell::kLive, payload);
}

base::Result<LiveOutput> decodeLive(std::string_view payload) {
  LiveOutput live;
  if (payload.size() < sizeof live.offset) {
    return Error(ErrorKind::kSystem, "autodriver sent output without its place");
  }
  std::memcpy(&live.offset, payload.data(), sizeof live.offset);
  live.bytes = payload.substr(sizeof live.offset);
  return live;
}

}  // namespace tango::drive
