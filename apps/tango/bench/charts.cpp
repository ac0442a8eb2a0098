#include "tango/bench/charts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <tuple>

namespace tango::bench {
namespace {

constexpr double kWidth = 900;
constexpr double kLeft = 50;
constexpr double kRight = 10;
constexpr double kTop = 10;
constexpr double kBelow = 40;  // the axis and its numbers
constexpr double kCurveHeight = 260;
constexpr double kRowHeight = 3;
// How much of a distribution is shown: one straggler would press all the rest to the left.
constexpr double kShown = 0.99;
constexpr double kMargin = 1.1;

template <class... Arguments>
std::string text(const char* format, Arguments... arguments) {
  std::array<char, 512> line{};
  std::snprintf(line.data(), line.size(), format, arguments...);
  return line.data();
}

/// Where a chart's numbers are on its canvas.
struct Plane {
  double x_max;   ///< milliseconds at the right end; the left one is 0
  double height;  ///< of the plane, without the axis

  [[nodiscard]] double x(double millis) const {
    return kLeft + millis / x_max * (kWidth - kLeft - kRight);
  }
  /// `share` of the height, from below.
  [[nodiscard]] double y(double share) const { return kTop + height * (1 - share); }
};

/// A round step that cuts `range` in about eight.
double stepOf(double range) {
  constexpr double kSteps = 8;
  const double power = std::pow(10, std::floor(std::log10(range / kSteps)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (power * factor * kSteps >= range) {
      return power * factor;
    }
  }
  return power * 10;
}

std::string opening(const Plane& plane, const char* name) {
  return text("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n", kWidth,
              kTop + plane.height + kBelow, name);
}

std::string timeAxis(const Plane& plane) {
  std::string axis;
  const double bottom = plane.y(0);
  const double step = stepOf(plane.x_max);
  for (int at = 0; at * step <= plane.x_max; ++at) {
    const double x = plane.x(at * step);
    axis += text("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x, x,
                 kTop, bottom);
    axis += text("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n", x, bottom + 16,
                 at * step);
  }
  return axis + text("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">ms</text>\n", kWidth - kRight,
                     bottom + 34);
}

std::string shareAxis(const Plane& plane) {
  std::string axis;
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double y = plane.y(percent / 100.0);
    axis += text("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", kLeft,
                 kWidth - kRight, y, y);
    axis += text("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>\n", kLeft - 6, y + 4,
                 percent);
  }
  return axis;
}

/// The steps of a cumulative distribution; what is beyond the plane is left out.
std::string curve(const Plane& plane, std::vector<double> samples, const char* style) {
  std::sort(samples.begin(), samples.end());
  std::string points = text("M%.1f %.1f", plane.x(0), plane.y(0));
  const auto count = static_cast<double>(samples.size());
  for (std::size_t at = 0; at < samples.size() && samples[at] <= plane.x_max; ++at) {
    points +=
        text("H%.1fV%.1f", plane.x(samples[at]), plane.y(static_cast<double>(at + 1) / count));
  }
  return "<path class=\"" + std::string(style) + "\" d=\"" + points + "\"/>\n";
}

/// A job as a line: its phases one behind the other.
struct Bar {
  double begin;  ///< milliseconds
  PhaseTimes phases;

  [[nodiscard]] double end() const { return begin + sumOf(phases); }
};

std::string barAt(const Plane& plane, const Bar& bar, double y) {
  std::string line;
  double at = bar.begin;
  for (std::size_t phase = 0; phase < kPhases.size(); ++phase) {
    const double left = plane.x(std::min(at, plane.x_max));
    at += bar.phases.at(phase).value_or(0);
    const double right = plane.x(std::min(at, plane.x_max));
    line += text("<rect class=\"phase%zu\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\"/>",
                 phase, left, y, right - left, kRowHeight);
  }
  return line + "\n";
}

std::string barChart(const char* name, const std::vector<Bar>& bars, double x_max) {
  const Plane plane{x_max, kRowHeight * static_cast<double>(bars.size())};
  std::string chart = opening(plane, name) + timeAxis(plane);
  for (std::size_t row = 0; row < bars.size(); ++row) {
    chart += barAt(plane, bars[row], kTop + kRowHeight * static_cast<double>(row));
  }
  return chart + "</svg>\n";
}

/// The jobs that are drawn, in the order in which they came.
std::vector<JobRecord> drawnOf(const Burst& burst) {
  std::vector<JobRecord> jobs = burst.records;
  std::sort(jobs.begin(), jobs.end(), [](const JobRecord& a, const JobRecord& b) {
    return std::tie(a.added_ms, a.ended_ms) < std::tie(b.added_ms, b.ended_ms);
  });
  const std::size_t rows = std::min(jobs.size(), kTimelineJobsMax);
  std::vector<JobRecord> drawn;
  drawn.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    drawn.push_back(jobs[row * jobs.size() / rows]);
  }
  return drawn;
}

}  // namespace

std::string latencyChart(const Latencies& latencies) {
  const double longest =
      std::max(percentile(latencies.tango, kShown), percentile(latencies.bare, kShown));
  const Plane plane{longest * kMargin, kCurveHeight};
  return opening(plane, "Distribution of latencies") + timeAxis(plane) + shareAxis(plane) +
         curve(plane, latencies.bare, "bare") + curve(plane, latencies.tango, "tango") + "</svg>\n";
}

std::string burstChart(const Burst& burst) {
  const std::vector<JobRecord> jobs = drawnOf(burst);
  std::vector<Bar> bars;
  double longest = 1;
  for (const JobRecord& job : jobs) {
    bars.push_back({job.added_ms - jobs.front().added_ms, job.phases});
    longest = std::max(longest, bars.back().end());
  }
  return barChart("Timeline of the burst", bars, longest);
}

std::string unqueuedChart(const Burst& burst) {
  std::vector<Bar> bars;
  std::vector<double> lengths;
  for (JobRecord& job : drawnOf(burst)) {
    job.phases.front().reset();
    bars.push_back({0, job.phases});
    lengths.push_back(bars.back().end());
  }
  constexpr double kLeast = 0.001;
  return barChart("Jobs of the burst, each from when it left the queue", bars,
                  std::max(kLeast, percentile(lengths, kShown) * kMargin));
}

}  // namespace tango::bench
