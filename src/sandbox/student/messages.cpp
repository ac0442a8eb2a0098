#include "sandbox/student/messages.hpp"

#include <algorithm>

#include "sandbox/packet_fields.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using packet::checked;
using packet::Reader;
using packet::Writer;

constexpr std::array kLimitFields = {&StudentLimits::wall_ms,      &StudentLimits::cpu_ms,
                                     &StudentLimits::memory_bytes, &StudentLimits::disk_bytes,
                                     &StudentLimits::processes,    &StudentLimits::file_size_bytes,
                                     &StudentLimits::open_files};

bool hasNul(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word.find('\0') != std::string::npos; });
}

Result<StudentRequest> sensible(StudentRequest request) {
  const auto invalid = [](const char* message) { return Error(ErrorKind::kInvalid, message); };
  if (request.arguments.empty() || request.arguments.front().empty()) {
    return invalid("the command is empty");
  }
  if (hasNul(request.arguments) || hasNul(request.environment) || hasNul(request.results) ||
      hasNul({request.folder})) {
    return invalid("the command, its environment, its folder or a result has a NUL in it");
  }
  if (!request.folder.starts_with('/')) {
    return invalid("the command's folder is not an absolute path");
  }
  return request;
}

}  // namespace

std::string_view scratchFolderOf(std::string_view path) {
  for (const std::string_view folder : kScratchFolders) {
    if (path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/')) {
      return folder;
    }
  }
  return "";
}

std::string encode(const StudentRequest& request) {
  Writer out;
  for (const auto* words : {&request.arguments, &request.environment, &request.results}) {
    out.number(words->size());
    for (const std::string& word : *words) {
      out.text(word);
    }
  }
  out.text(request.folder);
  for (const auto field : kLimitFields) {
    out.number(request.limits.*field);
  }
  out.flag(request.merge_output);
  out.flag(request.share_network);
  return out.take();
}

Result<StudentRequest> decodeStudentRequest(std::string_view body) {
  Reader in(body);
  StudentRequest request;
  for (auto* words : {&request.arguments, &request.environment, &request.results}) {
    in.list([&in, words] { words->push_back(in.text()); });
  }
  request.folder = in.text();
  for (const auto field : kLimitFields) {
    request.limits.*field = in.number();
  }
  request.merge_output = in.flag();
  request.share_network = in.flag();
  Result<StudentRequest> whole = checked(in, std::move(request), "request to run a command");
  return whole ? sensible(*std::move(whole)) : whole;
}

std::string encode(const StudentEnd& end) {
  Writer out;
  out.flag(end.exited);
  out.number(static_cast<std::uint64_t>(end.status));
  out.number(static_cast<std::uint64_t>(end.ended_by));
  for (const std::uint64_t number :
       {end.wall_us, end.user_us, end.system_us, end.memory_peak_bytes, end.disk_bytes}) {
    out.number(number);
  }
  out.flag(end.disk_full);
  return out.take();
}

Result<StudentEnd> decodeStudentEnd(std::string_view body) {
  Reader in(body);
  StudentEnd end;
  end.exited = in.flag();
  end.status = static_cast<int>(in.number());
  const std::uint64_t limit = in.number();
  end.ended_by = static_cast<StudentLimit>(limit);
  for (std::uint64_t* number :
       {&end.wall_us, &end.user_us, &end.system_us, &end.memory_peak_bytes, &end.disk_bytes}) {
    *number = in.number();
  }
  end.disk_full = in.flag();
  if (limit > static_cast<std::uint64_t>(StudentLimit::kDisk)) {
    return Error(ErrorKind::kInvalid, "a packet names an unknown limit");
  }
  return checked(in, end, "command's end");
}

}  // namespace tango::sandbox
