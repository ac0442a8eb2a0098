// A job: a set of files with one Makefile, where it runs, what it may use, and where its output
// goes.
#pragma once

#include <cstdint>
#include <string>

#include "model/input_file.hpp"
#include "model/limits.hpp"
#include "model/machine_spec.hpp"

namespace tango::model {

struct Job {
  std::int64_t id = 0;
  std::string name;
  MachineSpec machine;
  RunLimits limits;
  InputFiles input;

  /// `NAME:ID`, as a trace and the output file's header name it.
  [[nodiscard]] std::string label() const { return name + ":" + std::to_string(id); }
};

/// How often a job is tried when our own machinery fails it: once, and this many times more.
inline constexpr int kJobRetriesDefault = 2;

}  // namespace tango::model
