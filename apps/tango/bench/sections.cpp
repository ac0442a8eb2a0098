#include "tango/bench/sections.hpp"

#include <array>
#include <cstdio>

#include "tango/client/amount_text.hpp"
#include "tango/client/table.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::bench {
namespace {

using Row = std::vector<std::string>;

constexpr double kMillisPerSecond = 1000;

std::string fixed(double number, int digits, const char* unit) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f%s", digits, number, unit);
  return text.data();
}

std::string millis(double number) {
  return fixed(number, number < 1 ? 3 : 2, " ms");
}

std::string plain(double number) {
  return fixed(number, 2, "");
}

Row spreadRow(const std::string& name, const Spread& spread, std::string (*show)(double)) {
  return {name, show(spread.median), show(spread.p95), show(spread.p99), show(spread.max)};
}

/// `of` each of the four numbers of both.
template <class Of>
Spread compared(const Spread& ours, const Spread& bare, Of of) {
  return {of(ours.median, bare.median), of(ours.p95, bare.p95), of(ours.p99, bare.p99),
          of(ours.max, bare.max)};
}

Section latencySection(std::string title, const Latencies& latencies) {
  const Spread ours = spreadOf(latencies.tango).value_or(Spread{});
  const Spread bare = spreadOf(latencies.bare).value_or(Spread{});
  return {
      std::move(title),
      {"", "MEDIAN", "P95", "P99", "MAX"},
      {spreadRow("Tango", ours, millis), spreadRow("bare make", bare, millis),
       spreadRow("difference", compared(ours, bare, [](double a, double b) { return a - b; }),
                 millis),
       spreadRow("ratio", compared(ours, bare, [](double a, double b) { return a / b; }), plain)}};
}

Section burstSection(const Burst& burst) {
  const auto rate = [](double jobs) { return fixed(jobs, 1, "/s"); };
  return {"Burst: " + std::to_string(burst.jobs) + " jobs at once",
          {"", "RATE"},
          {{"Tango", rate(burst.rate())},
           {"bare make, all cores", rate(burst.bareRate())},
           {"ratio", plain(burst.rate() / burst.bareRate())},
           {"adding", rate(burst.addingRate())}}};
}

void addPair(Row& row, const std::vector<double>& samples) {
  const std::optional<Spread> spread = spreadOf(samples);
  row.push_back(spread ? millis(spread->median) : "-");
  row.push_back(spread ? millis(spread->p95) : "-");
}

/// The phases of each part that was measured, side by side.
Section phaseSection(const Report& report) {
  Section section{"Phases of a job", {""}, {}};
  std::vector<std::vector<PhaseTimes>> parts;
  std::vector<std::vector<double>> rests;
  const auto add = [&](const std::string& name, std::vector<PhaseTimes> jobs,
                       std::vector<double> rest) {
    section.heads.push_back(name);
    section.heads.emplace_back("P95");
    parts.push_back(std::move(jobs));
    rests.push_back(std::move(rest));
  };
  if (report.latency) {
    add("LATENCY: MEDIAN", report.latency->phases, restOf(*report.latency));
  }
  if (report.burst) {
    add("BURST: MEDIAN", phasesOf(report.burst->records), {});
  }
  if (report.steady) {
    add("STEADY: MEDIAN", report.steady->latencies.phases, restOf(report.steady->latencies));
  }
  for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
    Row row = {kPhases.at(phase).name};
    for (const std::vector<PhaseTimes>& jobs : parts) {
      addPair(row, samplesOf(jobs, phase));
    }
    section.rows.push_back(std::move(row));
  }
  Row rest = {"the rest"};
  for (const std::vector<double>& samples : rests) {
    addPair(rest, samples);
  }
  section.rows.push_back(std::move(rest));
  return section;
}

std::string memoryText(const Memory& memory) {
  const auto size = [](std::uint64_t bytes) {
    return client::sizeText(static_cast<double>(bytes));
  };
  return (memory.pss_bytes ? size(*memory.pss_bytes) + " (Pss), " : "") + size(memory.rss_bytes) +
         " (VmRSS) in " + std::to_string(memory.processes) + " processes";
}

Section costSection(const Cost& cost) {
  Section section{"What the service costs", {"", ""}, {}};
  section.rows = {{"memory before", memoryText(cost.before)},
                  {"memory behind", memoryText(cost.after)}};
  const auto add = [&section](const std::string& name, const std::optional<double>& seconds) {
    if (seconds) {
      section.rows.push_back({name, millis(*seconds * kMillisPerSecond) + " of processor a job"});
    }
  };
  add("its process, latency", cost.in_latency);
  add("its process, burst", cost.in_burst);
  add("its process, steady", cost.in_steady);
  add("what is below it, less bare make", cost.below);
  add("a bare make", cost.bare_make);
  return section;
}

}  // namespace

std::vector<Section> sectionsOf(const Report& report) {
  std::vector<Section> sections;
  if (report.latency) {
    sections.push_back(latencySection(
        "Latency: " + std::to_string(report.latency->tango.size()) + " jobs one after another",
        *report.latency));
  }
  if (report.burst) {
    sections.push_back(burstSection(*report.burst));
  }
  if (report.steady) {
    sections.push_back(latencySection("Steady: " + fixed(report.steady->rate, 1, " jobs/s for ") +
                                          fixed(report.steady->seconds, 1, " s"),
                                      report.steady->latencies));
  }
  if (!sections.empty()) {
    sections.push_back(phaseSection(report));
  }
  if (report.cost) {
    sections.push_back(costSection(*report.cost));
  }
  return sections;
}

std::string headingOf(const Report& report) {
  const Machine& machine = report.machine;
  const std::string heading =
      "Tango " + report.version + (report.server.empty() ? "" : " at " + report.server) +
      ", image " + report.image + "; " + std::to_string(machine.cores) + " cores" +
      (machine.processor.empty() ? "" : " (" + machine.processor + ")") + ", " +
      client::sizeText(static_cast<double>(machine.memory_bytes)) + ", " + machine.kernel +
      ", cgroup " +
      (machine.cgroup_version == 0 ? "none" : "v" + std::to_string(machine.cgroup_version));
  return heading + (machine.file_system.empty() ? "" : ", data on " + machine.file_system);
}

void printReport(const Report& report) {
  std::printf("%s\n", client::onOneLine(headingOf(report)).c_str());
  for (const Section& section : sectionsOf(report)) {
    std::printf("\n%s\n", section.title.c_str());
    std::vector<client::Column> columns;
    for (const std::string& head : section.heads) {
      const bool first = columns.empty() || head.empty();
      columns.push_back({head, first ? client::Align::kLeft : client::Align::kRight});
    }
    client::Table table(std::move(columns));
    for (const Row& row : section.rows) {
      table.add({row.begin(), row.end()});
    }
    table.print(stdout);
  }
}

}  // namespace tango::bench
