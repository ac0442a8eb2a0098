#include "tango/client/job_answer.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "tango/client/amount_text.hpp"
#include "tango/client/answer_fields.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::client {
namespace {

using boost::json::object;

struct VerdictFacts {
  const char* name;
  int exit_status;
  Colour colour;
};

constexpr int kOwnFailure = 3;
constexpr std::array kVerdicts = {VerdictFacts{"succeeded", 0, Colour::kGreen},
                                  VerdictFacts{"failed", 1, Colour::kRed},
                                  VerdictFacts{"limit", 2, Colour::kRed},
                                  VerdictFacts{"internal_error", kOwnFailure, Colour::kRed},
                                  VerdictFacts{"rejected", kOwnFailure, Colour::kRed},
                                  VerdictFacts{"cancelled", 130, Colour::kYellow}};

const VerdictFacts* factsOf(const object& job) {
  const std::string verdict = textOf(job, "verdict");
  for (const VerdictFacts& facts : kVerdicts) {
    if (verdict == facts.name) {
      return &facts;
    }
  }
  return nullptr;
}

void append(std::string& line, const std::string& part) {
  if (!part.empty()) {
    line += (line.empty() ? "" : ", ") + part;
  }
}

std::string sizeOf(const object& from, std::string_view name, const char* of) {
  const auto bytes = numberOf(from, name);
  return bytes ? sizeText(*bytes) + of : "";
}

std::string countOf(const object& from, std::string_view name, const char* of) {
  const auto count = numberOf(from, name);
  return count ? numberText(*count) + of : "";
}

/// The limit that ended the job, with its amount.
std::string limitWords(const object& job) {
  const std::string limit = textOf(objectOf(job, "outcome"), "ended_by");
  const object& limits = objectOf(job, "limits");
  const object& machine = objectOf(job, "machine");
  const auto seconds = [&](const char* name, const char* of) {
    const auto amount = numberOf(limits, name);
    return amount ? durationText(*amount) + of : "";
  };
  const std::string amount = limit == "wall_time"   ? seconds("timeout_seconds", " of time")
                             : limit == "cpu_time"  ? seconds("cpu_seconds", " of CPU time")
                             : limit == "memory"    ? sizeOf(machine, "memory_bytes", " of memory")
                             : limit == "processes" ? countOf(limits, "processes", " processes")
                             : limit == "disk"      ? sizeOf(machine, "disk_bytes", " of disk")
                                                    : sizeOf(limits, "output_bytes", " of output");
  return amount.empty() ? limit : amount;
}

/// What make did, by itself.
std::string endLine(const object& job) {
  const object& outcome = objectOf(job, "outcome");
  const auto signal = wholeOf(outcome, "signal");
  const auto status = wholeOf(outcome, "exit_status");
  std::string line = signal        ? "make was ended by signal " + std::to_string(*signal)
                     : status == 0 ? "make succeeded"
                     : status      ? "make failed with status " + std::to_string(*status)
                                   : textOf(job, "verdict");
  const auto oom_kills = wholeOf(outcome, "oom_kills").value_or(0);
  append(line, oom_kills > 0
                   ? std::to_string(oom_kills) + " of its processes died for want of memory"
                   : "");
  append(line, flagOf(outcome, "output_elided") ? "its output was cut" : "");
  return line;
}

std::string timesLine(const object& job) {
  static constexpr std::array kTimes = {"added", "started", "finished", "ended"};
  const object& times = objectOf(job, "times");
  std::string line;
  for (const char* name : kTimes) {
    const std::string time = textOf(times, name);
    append(line, time.empty() ? "" : std::string(name) + " " + localTime(time));
  }
  return line;
}

std::string phasesLine(const object& job) {
  static constexpr std::array kPhases = {
      std::pair{"queued_ms", "in the queue "},  std::pair{"vm_ms", "for a VM "},
      std::pair{"copy_in_ms", "copying in "},   std::pair{"run_ms", "running "},
      std::pair{"copy_out_ms", "copying out "}, std::pair{"publish_ms", "publishing "}};
  constexpr double kMillisPerSecond = 1000;
  const object& phases = objectOf(job, "phases");
  std::string line;
  for (const auto& [name, words] : kPhases) {
    const auto millis = numberOf(phases, name);
    append(line, millis ? words + durationText(*millis / kMillisPerSecond) : "");
  }
  return line;
}

std::string limitsLine(const object& job) {
  const object& limits = objectOf(job, "limits");
  const object& machine = objectOf(job, "machine");
  const auto seconds = numberOf(limits, "timeout_seconds");
  const auto cpu_seconds = numberOf(limits, "cpu_seconds");
  std::string line;
  append(line, seconds ? durationText(*seconds) : "");
  append(line, cpu_seconds.value_or(0) > 0 ? durationText(*cpu_seconds) + " of CPU time" : "");
  append(line, numberOf(machine, "cpus").value_or(0) > 0 ? countOf(machine, "cpus", " cores") : "");
  append(line, sizeOf(machine, "memory_bytes", " of memory"));
  append(line, countOf(limits, "processes", " processes"));
  append(line, sizeOf(machine, "disk_bytes", " of disk"));
  append(line, sizeOf(limits, "output_bytes", " of output"));
  append(line, flagOf(machine, "network") ? "with the network" : "");
  return line;
}

std::string stateLine(const object& job) {
  if (hasEnded(job)) {
    return verdictLine(job);
  }
  const auto rank = wholeOf(job, "rank");
  return textOf(job, "state") + (rank ? ", number " + std::to_string(*rank) + " in its queue" : "");
}

std::string outputLine(const object& job) {
  const std::string size = sizeOf(job, "output_bytes", "");
  return size.empty() ? "" : size + ", as " + textOf(job, "output_file");
}

std::string filesLine(const object& job) {
  std::string line;
  for (const boost::json::value& file : arrayOf(job, "files")) {
    append(line, textOf(objectIn(file), "name"));
  }
  return line;
}

}  // namespace

bool hasEnded(const object& job) {
  return textOf(job, "state") == "ended";
}

Cell stateCell(const object& job) {
  if (!hasEnded(job)) {
    return textOf(job, "state");
  }
  const VerdictFacts* facts = factsOf(job);
  return {textOf(job, "verdict"), facts == nullptr ? Colour::kNone : facts->colour};
}

std::string verdictLine(const object& job) {
  const std::string verdict = textOf(job, "verdict");
  if (verdict == "succeeded" || verdict == "failed") {
    return endLine(job);
  }
  if (verdict == "limit") {
    const bool timed_out = textOf(objectOf(job, "outcome"), "ended_by").ends_with("time");
    return (timed_out ? "stopped at its limit of " : endLine(job) + ", at its limit of ") +
           limitWords(job);
  }
  if (verdict == "cancelled") {
    return verdict;
  }
  const std::string words = textOf(job, "verdict_text");
  const std::string prefix = verdict == "rejected" ? "refused: " : "could not run the job: ";
  return words.empty() ? verdict : prefix + words;
}

std::string usageLine(const object& job) {
  const object& usage = objectOf(job, "usage");
  const auto wall = numberOf(usage, "wall_seconds");
  if (!wall) {
    return "";
  }
  std::string line = durationText(*wall);
  const auto user = numberOf(usage, "user_seconds");
  const auto system = numberOf(usage, "system_seconds");
  if (user && system) {
    line += " (" + durationText(*user) + " user, " + durationText(*system) + " system)";
  }
  append(line, sizeOf(usage, "memory_peak_bytes", " of memory"));
  append(line, countOf(usage, "processes_peak", " processes"));
  append(line, sizeOf(usage, "disk_bytes", " of disk"));
  append(line, sizeOf(usage, "output_bytes", " of output"));
  return line;
}

std::string runTime(const object& job) {
  const auto wall = numberOf(objectOf(job, "usage"), "wall_seconds");
  return wall ? durationText(*wall) : "";
}

int exitStatusOf(const object& job) {
  const VerdictFacts* facts = factsOf(job);
  return facts == nullptr ? kOwnFailure : facts->exit_status;
}

void printJob(const object& job) {
  const auto id = wholeOf(job, "id");
  const auto retries = wholeOf(job, "retries");
  const VerdictFacts* facts = factsOf(job);
  printFields(stdout,
              {{"Job", (id ? std::to_string(*id) + "  " : "") + textOf(job, "name")},
               {"State", Cell(stateLine(job), facts == nullptr ? Colour::kNone : facts->colour)},
               {"Courselab", textOf(job, "courselab")},
               {"Image", textOf(job, "image") + " on " + textOf(job, "vmms")},
               {"VM", textOf(job, "vm")},
               {"Times", timesLine(job)},
               {"Spent", phasesLine(job)},
               {"Retries", retries.value_or(0) > 0 ? std::to_string(*retries) : ""},
               {"Used", usageLine(job)},
               {"Limits", limitsLine(job)},
               {"Files", filesLine(job)},
               {"Output", outputLine(job)},
               {"Callback", textOf(job, "callback_url")}});
  std::puts("Trace (UTC)");
  for (const boost::json::value& line : arrayOf(job, "trace")) {
    if (line.is_string()) {
      std::printf("  %s\n", onOneLine(line.get_string()).c_str());
    }
  }
}

}  // namespace tango::client
