// Messages between the service, the launcher, the slots and the jobs' inits: one message a packet
// (SOCK_SEQPACKET), a type and a body of little fields, and at most one descriptor beside it.
//
//   service → launcher   kMakeSlot(SlotSpec) + the slot's end of a socket pair; the slot answers
//   slot → service       kReady + job socket, or kFailed; kUsage(CgroupUsage); kDone
//   service → slot       kProcesses(n), kAskUsage, kRenew; the socket's end: the slot ends
//   init → service       kReady, kFailed; kDone; kEnded(JobEnd)
//   service → init       kFile(name, mode) + file, kSync, kRun(JobLimits) + output pipe, kStop
//   slot → keeper        kMapped, kNext + job socket, kEnd      keeper → slot  kDone, kFailed
//
// The reader trusts no length: a packet that does not parse is an Error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sandbox/spec.hpp"

namespace tango::sandbox {

enum class MessageType : std::uint32_t {
  kMakeSlot = 1,
  kReady,
  kFailed,
  kDone,
  kProcesses,
  kAskUsage,
  kUsage,
  kRenew,
  kFile,
  kSync,
  kRun,
  kStop,
  kEnded,
  kMapped,
  kNext,
  kEnd,
  kStudent,  // these two: student/messages.hpp
  kStream,
};

struct Message {
  MessageType type = MessageType::kDone;
  std::string body;
  base::UniqueFd fd;
};

/// Longest packet; a SlotSpec with a full RootPlan is some 10 KiB.
inline constexpr std::size_t kPacketBytesMax = 128 * 1024;

/// A connected pair of packet sockets, both O_CLOEXEC and blocking.
struct SocketPair {
  base::UniqueFd first;
  base::UniqueFd second;
};
base::Result<SocketPair> makeSocketPair();

/// Sends one packet; `fd` (borrowed, -1 for none) goes with it. On a full non-blocking socket the
/// error says EAGAIN through `would_block`.
base::Result<void> sendMessage(int socket, MessageType type, std::string_view body = {},
                               int fd = -1, bool* would_block = nullptr);

/// Receives one packet; nothing when the other side has closed. `would_block` as above.
base::Result<std::optional<Message>> receiveMessage(int socket, bool* would_block = nullptr);

/// Bodies. The decoding functions fail with kInvalid on anything that encode did not write.
std::string encode(const SlotSpec& spec);
base::Result<SlotSpec> decodeSlotSpec(std::string_view body);
std::string encode(const JobLimits& limits);
base::Result<JobLimits> decodeJobLimits(std::string_view body);
std::string encode(const JobEnd& end);
base::Result<JobEnd> decodeJobEnd(std::string_view body);
std::string encode(const CgroupUsage& usage);
base::Result<CgroupUsage> decodeCgroupUsage(std::string_view body);
std::string encode(const base::Error& error);
base::Error decodeError(std::string_view body);
std::string encodeNumber(std::uint64_t number);
base::Result<std::uint64_t> decodeNumber(std::string_view body);

/// The body of kFile.
struct FileHeader {
  std::string name;
  bool executable = false;
};
std::string encode(const FileHeader& header);
base::Result<FileHeader> decodeFileHeader(std::string_view body);

}  // namespace tango::sandbox
