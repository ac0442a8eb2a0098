// What a service and an autodriver that stands by (`autodriver --stand-by` or `--attach`) say to
// each other, over the standard streams of a VM's first process, or of the one that joins them with
// the socket of an autodriver that stands by already. The service asks, and each request but kBeat
// is answered before the next one is sent:
//
//   autodriver             kReady, once, when it stands by | kFailed, if it cannot
//   kFiles  tree stream    kDone | kFailed           (drive/tree_stream.hpp: the job's folder)
//   kRun                   kLive* (kOutcome | kFailed)
//   kOutput                kText* (kDone | kFailed)  autodriver's line, then the job's output
//   kBeat                  nothing; also while a job runs. Without any request for as long as its
//                          lease, autodriver ends, and with it the VM.
//
// A job runs once: kRun behind it tells the same kOutcome again, whatever limits it has. kOutput
// may be asked for again too, and gives the whole again. After kFailed autodriver is of no further
// use.
//
// With --attach, the service may come again when its connection has broken. A new connection takes
// the place of an older one at once, and begins with kReady (or, after a kFailed or where files
// were cut off, with kFailed). kRun asked while the job runs does not begin another one: it is told
// of that run, the output from its beginning, and of its end.
//
// Numbers are little-endian, as both ends are: a service gives its own autodriver only to machines
// of its own architecture.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/result.hpp"
#include "model/limits.hpp"

namespace tango::drive {

static_assert(std::endian::native == std::endian::little);

/// Raised with every change of what is said here.
inline constexpr std::uint32_t kProtocol = 2;

enum class Ask : std::uint8_t { kFiles = 'f', kRun = 'r', kOutput = 'o', kBeat = 'b' };

/// Of fixed size, so that nothing has to be parsed. The limits count for kRun; 0: no limit.
struct Request {
  std::uint64_t processes = 0;
  std::uint64_t file_size_bytes = 0;
  std::uint64_t wall_time_ms = 0;
  std::uint64_t cpu_time_ms = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t open_files = 0;
  Ask ask = Ask::kBeat;
  std::array<std::uint8_t, 7> padding{};
};
static_assert(sizeof(Request) == 56);

enum class Tell : std::uint8_t {
  kReady = 'y',    ///< payload: kProtocol, as four bytes
  kDone = 'd',     ///< no payload
  kFailed = 'e',   ///< payload: see encodeFailure
  kLive = 'l',     ///< payload: offset in the whole output (eight bytes), then output from there
  kOutcome = 'r',  ///< payload: a report, see drive/report.hpp
  kText = 't',     ///< payload: a piece of what autodriver prints
};

struct ReplyHead {
  std::uint32_t size = 0;  ///< of the payload that follows, at most kPayloadMax
  Tell tell = Tell::kDone;
  std::array<std::uint8_t, 3> padding{};
};
static_assert(sizeof(ReplyHead) == 8);

inline constexpr std::uint32_t kPayloadMax = 64 * 1024;

// Live output is a preview. Of the output's beginning everything is told as it comes, up to
// kLiveHead bytes; of what is beyond, at most every kLiveEveryMs the newest kLivePiece bytes, so
// that a job that writes without end costs its host and the network no more than that.
inline constexpr std::uint64_t kLiveHead = 256 * 1024;
inline constexpr std::uint64_t kLivePiece = 32 * 1024;
inline constexpr std::uint64_t kLiveEveryMs = 200;

[[nodiscard]] Request runRequest(const model::RunLimits& limits);
[[nodiscard]] model::RunLimits limitsOf(const Request& request);

/// A reply as it is sent; `payload` is at most kPayloadMax bytes (a longer failure is cut).
[[nodiscard]] std::string encodeReply(Tell tell, std::string_view payload = {});
/// The kReady reply.
[[nodiscard]] std::string encodeReady();
/// A kFailed reply: the error's kind and its message.
[[nodiscard]] std::string encodeFailure(const base::Error& error);
/// The error of a kFailed reply; a payload that is none is an error too, kSystem.
[[nodiscard]] base::Error decodeFailure(std::string_view payload);

/// A kLive reply; `offset` is that of `bytes` in the whole output.
[[nodiscard]] std::string encodeLive(std::uint64_t offset, std::string_view bytes);
struct LiveOutput {
  std::uint64_t offset = 0;
  std::string_view bytes;
};
[[nodiscard]] base::Result<LiveOutput> decodeLive(std::string_view payload);

}  // namespace tango::drive
