#include "tango/bench/page.hpp"

#include "tango/bench/charts.hpp"
#include "tango/bench/sections.hpp"
#include "tango/client/terminal_text.hpp"

namespace tango::bench {
namespace {

// The colours of the phases are told apart in both schemes, and by most who see few colours.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1c1c1e; --paper: #fff; --faint: #d8d8dc;
  --tango: #0b62c4; --bare: #c2570c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8ea; --paper: #18181b; --faint: #3f3f46;
  --tango: #6cb2ff; --bare: #ff9f5a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .9rem .2rem 0; text-align: right; border-bottom: 1px solid var(--faint); }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--ink); }
.grid { stroke: var(--faint); } path { fill: none; stroke-width: 2; }
path.tango { stroke: var(--tango); } path.bare { stroke: var(--bare); }
.key { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 1rem; }
.key.tango { background: var(--tango); } .key.bare { background: var(--bare); }
.phase0 { fill: #9ca3af; background: #9ca3af; } .phase1 { fill: #a855f7; background: #a855f7; }
.phase2 { fill: #f59e0b; background: #f59e0b; } .phase3 { fill: #2f9e5b; background: #2f9e5b; }
.phase4 { fill: #22b8cf; background: #22b8cf; } .phase5 { fill: #e0457b; background: #e0457b; }
)";

std::string row(const std::vector<std::string>& cells, const std::string& tag) {
  std::string html = "<tr>";
  for (const std::string& cell : cells) {
    html += "<" + tag + ">" + escaped(cell) + "</" + tag + ">";
  }
  return html + "</tr>\n";
}

std::string table(const Section& section) {
  std::string html = "<h2>" + escaped(section.title) + "</h2>\n<table>\n";
  html += row(section.heads, "th");
  for (const std::vector<std::string>& cells : section.rows) {
    html += row(cells, "td");
  }
  return html + "</table>\n";
}

std::string keyOf(const std::string& style, const std::string& name) {
  return "<span class=\"key " + style + "\"></span>" + escaped(name);
}

std::string latencyFigure(const std::string& title, const Latencies& latencies) {
  return "<h2>" + escaped(title) + "</h2>\n<p>The share of all that took at most so long." +
         keyOf("tango", "Tango") + keyOf("bare", "bare make") + "</p>\n" + latencyChart(latencies);
}

std::string burstFigure(const Burst& burst) {
  std::string keys;
  for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
    keys += keyOf("phase" + std::to_string(phase), kPhases.at(phase).name);
  }
  const std::string which = burst.records.size() > kTimelineJobsMax
                                ? std::to_string(kTimelineJobsMax) + " of the " +
                                      std::to_string(burst.records.size()) + " jobs, each a line."
                                : "Each job is a line.";
  return "<h2>Timeline of the burst</h2>\n<p>" + which + keys + "</p>\n" + burstChart(burst) +
         "<p>The same jobs, each from when it left the queue.</p>\n" + unqueuedChart(burst);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  for (const char each : client::onOneLine(text)) {
    switch (each) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += each;
    }
  }
  return html;
}

std::string pageOf(const Report& report) {
  std::string html =
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>tango bench</title>\n<style>" +
      std::string(kStyle) + "</style>\n</head>\n<body>\n<h1>tango bench</h1>\n<p>" +
      escaped(headingOf(report)) + "<br/>\n" + escaped(report.date) + "<br/>\n<code>" +
      escaped(report.command_line) + "</code></p>\n";
  for (const Section& section : sectionsOf(report)) {
    html += table(section);
  }
  if (report.latency) {
    html += latencyFigure("Latency of single jobs", *report.latency);
  }
  if (report.steady) {
    html += latencyFigure("Latency at a steady rate", report.steady->latencies);
  }
  if (report.burst) {
    html += burstFigure(*report.burst);
  }
  return html + "</body>\n</html>\n";
}

}  // namespace tango::bench
