// How each value looks in a packet.
#include "sandbox/packet_fields.hpp"
#include "sandbox/protocol.hpp"

namespace tango::sandbox {
namespace {

using base::Error;
using base::ErrorKind;
using packet::checked;
using packet::Reader;
using packet::Writer;

void write(Writer& out, const RootPlan& root) {
  out.number(root.folders.size());
  for (const std::string& folder : root.folders) {
    out.text(folder);
  }
  out.number(root.binds.size());
  for (const RootPlan::Bind& bind : root.binds) {
    out.text(bind.source);
    out.text(bind.target);
  }
  out.number(root.links.size());
  for (const RootPlan::Link& link : root.links) {
    out.text(link.target);
    out.text(link.path);
  }
  out.number(root.files.size());
  for (const RootPlan::File& file : root.files) {
    out.text(file.path);
    out.text(file.content);
  }
}

RootPlan readRootPlan(Reader& in) {
  RootPlan root;
  in.list([&] { root.folders.push_back(in.text()); });
  in.list([&] {
    std::string source = in.text();
    root.binds.push_back({std::move(source), in.text()});
  });
  in.list([&] {
    std::string target = in.text();
    root.links.push_back({std::move(target), in.text()});
  });
  in.list([&] {
    std::string path = in.text();
    root.files.push_back({std::move(path), in.text()});
  });
  return root;
}

}  // namespace

std::string encode(const SlotSpec& spec) {
  Writer out;
  write(out, spec.root);
  out.number(spec.user.uid);
  out.number(spec.user.gid);
  out.number(spec.environment.size());
  for (const std::string& variable : spec.environment) {
    out.text(variable);
  }
  for (const std::uint64_t number : {spec.memory_bytes, spec.cpu_millis, spec.io_bytes_per_second,
                                     spec.disk_bytes, spec.disk_inodes, spec.processes}) {
    out.number(number);
  }
  out.flag(spec.network);
  out.flag(spec.allow_unenforced);
  return out.take();
}

Result<SlotSpec> decodeSlotSpec(std::string_view body) {
  Reader in(body);
  SlotSpec spec;
  spec.root = readRootPlan(in);
  spec.user.uid = in.numberOf<uid_t>();
  spec.user.gid = in.numberOf<gid_t>();
  in.list([&] { spec.environment.push_back(in.text()); });
  for (std::uint64_t* number : {&spec.memory_bytes, &spec.cpu_millis, &spec.io_bytes_per_second,
                                &spec.disk_bytes, &spec.disk_inodes, &spec.processes}) {
    *number = in.number();
  }
  spec.network = in.flag();
  spec.allow_unenforced = in.flag();
  return checked(in, std::move(spec), "slot specification");
}

std::string encode(const JobLimits& limits) {
  Writer out;
  for (const std::uint64_t number :
       {limits.wall_ms, limits.processes, limits.file_size_bytes, limits.open_files}) {
    out.number(number);
  }
  return out.take();
}

Result<JobLimits> decodeJobLimits(std::string_view body) {
  Reader in(body);
  JobLimits limits;
  for (std::uint64_t* number :
       {&limits.wall_ms, &limits.processes, &limits.file_size_bytes, &limits.open_files}) {
    *number = in.number();
  }
  return checked(in, limits, "set of limits");
}

std::string encode(const JobEnd& end) {
  Writer out;
  out.flag(end.exited);
  out.number(static_cast<std::uint64_t>(end.status));
  out.flag(end.timed_out);
  out.flag(end.stopped);
  for (const std::uint64_t number :
       {end.wall_us, end.user_us, end.system_us, end.disk_bytes, end.disk_inodes}) {
    out.number(number);
  }
  out.flag(end.disk_full);
  return out.take();
}

Result<JobEnd> decodeJobEnd(std::string_view body) {
  Reader in(body);
  JobEnd end;
  end.exited = in.flag();
  end.status = in.numberOf<int>();
  end.timed_out = in.flag();
  end.stopped = in.flag();
  for (std::uint64_t* number :
       {&end.wall_us, &end.user_us, &end.system_us, &end.disk_bytes, &end.disk_inodes}) {
    *number = in.number();
  }
  end.disk_full = in.flag();
  return checked(in, end, "job's end");
}

std::string encode(const CgroupUsage& usage) {
  Writer out;
  out.maybe(usage.user_us);
  out.maybe(usage.system_us);
  out.maybe(usage.memory_peak_bytes);
  out.maybe(usage.processes_peak);
  out.number(usage.oom_kills);
  out.number(usage.forks_refused);
  return out.take();
}

Result<CgroupUsage> decodeCgroupUsage(std::string_view body) {
  Reader in(body);
  CgroupUsage usage;
  usage.user_us = in.maybe();
  usage.system_us = in.maybe();
  usage.memory_peak_bytes = in.maybe();
  usage.processes_peak = in.maybe();
  usage.oom_kills = in.number();
  usage.forks_refused = in.number();
  return checked(in, usage, "usage");
}

std::string encode(const Error& error) {
  Writer out;
  out.number(static_cast<std::uint64_t>(error.kind()));
  out.text(error.message());
  return out.take();
}

Error decodeError(std::string_view body) {
  Reader in(body);
  const std::uint64_t kind = in.number();
  std::string message = in.text();
  if (!in.complete() || kind > static_cast<std::uint64_t>(ErrorKind::kSystem)) {
    return {ErrorKind::kSystem, "a packet is not a well-formed error"};
  }
  return {static_cast<ErrorKind>(kind), std::move(message)};
}

std::string encodeNumber(std::uint64_t number) {
  Writer out;
  out.number(number);
  return out.take();
}

Result<std::uint64_t> decodeNumber(std::string_view body) {
  Reader in(body);
  const std::uint64_t number = in.number();
  return checked(in, number, "number");
}

std::string encode(const FileHeader& header) {
  Writer out;
  out.text(header.name);
  out.flag(header.executable);
  return out.take();
}

Result<FileHeader> decodeFileHeader(std::string_view body) {
  Reader in(body);
  FileHeader header;
  header.name = in.text();
  header.executable = in.flag();
  return checked(in, std::move(header), "file header");
}

}  // namespace tango::sandbox
