#include "student/student_jobs.hpp"

#include <regex>
#include <utility>

#include "sandbox/student/messages.hpp"

namespace tango::test {

StudentJobs::StudentJobs() : vmms_(backend_->make(context_.get_executor())) {}

std::string StudentJobs::socket() const {
  return ownNamespaces() ? sandbox::kStudentSocket : sandbox::kStudentSocketOfDriver;
}

JobResult StudentJobs::runScript(const std::string& script, model::RunLimits limits) {
  return runWith(*this, script, {}, limits);
}

JobResult StudentJobs::run(const std::map<std::string, std::string>& files,
                           model::RunLimits limits) {
  model::MachineSpec spec = backend_->spec();
  JobResult result =
      runJobIn(context_, *vmms_, {backend_->prefix(), next_id_++, spec.image}, spec, files, limits);
  static const std::regex slot("/run/tango-student/[1-8]/");
  result.output = std::regex_replace(result.output, slot, "/");
  return result;
}

JobResult runWith(StudentJobs& jobs, const std::string& script,
                  std::map<std::string, std::string> more, model::RunLimits limits) {
  more["Makefile"] = "all:\n\t@sh script\n";
  more["script"] = script;
  return jobs.run(more, limits);
}

}  // namespace tango::test
