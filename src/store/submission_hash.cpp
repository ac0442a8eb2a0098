#include "store/submission_hash.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/sha256.hpp"

namespace tango::store {
namespace {

/// The fields as bytes that begin no other fields' bytes: each text with its length before it.
class Fields {
 public:
  void add(std::uint64_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void add(std::chrono::milliseconds time) { add(static_cast<std::uint64_t>(time.count())); }
  void add(std::string_view text) {
    add(std::uint64_t{text.size()});
    bytes_.append(text);
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

void add(Fields& fields, const model::MachineSpec& machine) {
  fields.add(machine.image);
  fields.add(machine.cpu_millis);
  fields.add(machine.memory_bytes);
  fields.add(machine.disk_bytes);
  fields.add(machine.disk_inodes);
  fields.add(machine.io_bytes_per_second);
  fields.add(std::uint64_t{machine.network});
}

void add(Fields& fields, const model::RunLimits& limits) {
  fields.add(limits.wall_time);
  fields.add(limits.cpu_time);
  fields.add(limits.processes);
  fields.add(limits.file_size_bytes);
  fields.add(limits.output_bytes);
  fields.add(limits.open_files);
}

}  // namespace

std::string submissionHash(const model::Submission& submission) {
  Fields fields;
  fields.add(submission.courselab);
  fields.add(submission.name);
  fields.add(submission.vmms);
  add(fields, submission.machine);
  add(fields, submission.limits);
  fields.add(std::uint64_t{submission.files.size()});
  for (const model::SubmittedFile& file : submission.files) {
    fields.add(file.local_file);
    fields.add(file.dest_file);
    fields.add(file.sha256);
  }
  fields.add(submission.output_file);
  fields.add(submission.callback_url);
  fields.add(submission.access_key_id);
  fields.add(submission.access_key);

  const base::Sha256 hash = base::sha256Of(fields.bytes());
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace tango::store
