// The jobs that wait, in the order in which they will run. Pure: no clock, no I/O.
//
// One line for each VMMS and image, so that a slow image never holds up another; the lines take
// turns. In a line the courselabs take turns, and a courselab's jobs go by their ids: first in,
// first out.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/job_store.hpp"

namespace tango::scheduler {

class JobQueue {
 public:
  /// VMMS and image.
  using Line = std::pair<std::string, std::string>;

  /// O(log n), as all that follows where nothing else is said.
  void push(store::WaitingJob job);
  /// False: it does not wait.
  bool erase(std::int64_t id);
  [[nodiscard]] bool contains(std::int64_t id) const { return places_.contains(id); }
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  /// All lines that have jobs, the one whose turn it is first.
  [[nodiscard]] std::vector<Line> lines() const;
  /// The next job of a line; null: it is empty.
  [[nodiscard]] const store::WaitingJob* front(const Line& line) const;
  /// Takes the next job out; the next courselab and the next line have their turns. The line must
  /// not be empty.
  store::WaitingJob pop(const Line& line);
  /// Its place by id among those of its line, from 1; nothing: it does not wait. O(n).
  [[nodiscard]] std::optional<std::size_t> rank(std::int64_t id) const;

 private:
  using Jobs = std::map<std::int64_t, store::WaitingJob>;
  /// The jobs of one line; whose turn it is comes first, and no courselab is empty.
  struct Turns {
    Line line;
    std::list<Jobs> labs;
    std::unordered_map<std::string, std::list<Jobs>::iterator> by_name;
  };
  using TurnsIterator = std::list<Turns>::iterator;
  void removeIfEmpty(TurnsIterator turns, std::list<Jobs>::iterator lab, const std::string& name);

  std::list<Turns> turns_;  ///< none is empty
  std::map<Line, TurnsIterator> by_line_;
  struct Place {
    TurnsIterator turns;
    std::string courselab;
  };
  std::unordered_map<std::int64_t, Place> places_;
};

}  // namespace tango::scheduler
