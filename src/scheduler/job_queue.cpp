#include "scheduler/job_queue.hpp"

#include "base/assert.hpp"

namespace tango::scheduler {

void JobQueue::push(store::WaitingJob job) {
  const Line line{job.vmms, job.machine.image};
  auto turns = by_line_.find(line);
  if (turns == by_line_.end()) {
    turns_.push_back({line, {}, {}});
    turns = by_line_.emplace(line, std::prev(turns_.end())).first;
  }
  Turns& own = *turns->second;
  auto lab = own.by_name.find(job.courselab);
  if (lab == own.by_name.end()) {
    own.labs.emplace_back();
    lab = own.by_name.emplace(job.courselab, std::prev(own.labs.end())).first;
  }
  places_.insert_or_assign(job.id, Place{turns->second, job.courselab});
  lab->second->insert_or_assign(job.id, std::move(job));
}

void JobQueue::removeIfEmpty(TurnsIterator turns, std::list<Jobs>::iterator lab,
                             const std::string& name) {
  if (!lab->empty()) {
    return;
  }
  turns->by_name.erase(name);
  turns->labs.erase(lab);
  if (turns->labs.empty()) {
    by_line_.erase(turns->line);
    turns_.erase(turns);
  }
}

bool JobQueue::erase(std::int64_t id) {
  const auto found = places_.find(id);
  if (found == places_.end()) {
    return false;
  }
  const Place place = std::move(found->second);
  places_.erase(found);
  const auto lab = place.turns->by_name.at(place.courselab);
  lab->erase(id);
  removeIfEmpty(place.turns, lab, place.courselab);
  return true;
}

std::vector<JobQueue::Line> JobQueue::lines() const {
  std::vector<Line> all;
  for (const Turns& turns : turns_) {
    all.push_back(turns.line);
  }
  return all;
}

const store::WaitingJob* JobQueue::front(const Line& line) const {
  const auto found = by_line_.find(line);
  return found == by_line_.end() ? nullptr : &found->second->labs.front().begin()->second;
}

store::WaitingJob JobQueue::pop(const Line& line) {
  const auto found = by_line_.find(line);
  TANGO_ASSERT(found != by_line_.end(), "an empty line has no next job");
  const TurnsIterator turns = found->second;
  const auto lab = turns->labs.begin();
  store::WaitingJob job = std::move(lab->begin()->second);
  lab->erase(lab->begin());
  places_.erase(job.id);
  turns->labs.splice(turns->labs.end(), turns->labs, lab);
  turns_.splice(turns_.end(), turns_, turns);
  removeIfEmpty(turns, lab, job.courselab);
  return job;
}

std::optional<std::size_t> JobQueue::rank(std::int64_t id) const {
  const auto place = places_.find(id);
  if (place == places_.end()) {
    return std::nullopt;
  }
  std::size_t before = 0;
  for (const Jobs& lab : place->second.turns->labs) {
    before += static_cast<std::size_t>(std::distance(lab.begin(), lab.lower_bound(id)));
  }
  return before + 1;
}

}  // namespace tango::scheduler
