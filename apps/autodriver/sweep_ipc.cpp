#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "autodriver/sweep.hpp"
#include "sandbox/parts/cgroup_files.hpp"

namespace tango::autodriver {
namespace {

// One of /proc/sysvipc/{shm,msg,sem}: a heading, then a line of numbers an object. The owner and
// the creator, who may both remove it, are in different columns of each file.
struct Table {
  const char* path;
  std::size_t owner_column;
  std::size_t creator_column;
  int (*remove)(int id);
};

int removeShm(int id) {
  return ::shmctl(id, IPC_RMID, nullptr);
}
int removeMsg(int id) {
  return ::msgctl(id, IPC_RMID, nullptr);
}
int removeSem(int id) {
  return ::semctl(id, 0, IPC_RMID);
}

constexpr Table kTables[] = {{"/proc/sysvipc/shm", 7, 9, removeShm},
                             {"/proc/sysvipc/msg", 7, 9, removeMsg},
                             {"/proc/sysvipc/sem", 4, 6, removeSem}};
constexpr std::size_t kIdColumn = 1;

std::vector<long long> numbersOf(const std::string& line) {
  std::vector<long long> numbers;
  for (const std::string& word : sandbox::split(line, ' ')) {
    long long value = 0;
    const char* const end = word.data() + word.size();
    if (!word.empty() && std::from_chars(word.data(), end, value).ptr == end) {
      numbers.push_back(value);
    }
  }
  return numbers;
}

bool sweepTable(const Table& table, uid_t owner) {
  bool clean = true;
  for (const std::string& line : sandbox::split(sandbox::readFileAt(AT_FDCWD, table.path), '\n')) {
    const std::vector<long long> numbers = numbersOf(line);
    if (numbers.size() > table.creator_column &&
        (numbers[table.owner_column] == owner || numbers[table.creator_column] == owner)) {
      clean = table.remove(static_cast<int>(numbers[kIdColumn])) == 0 && clean;
    }
  }
  return clean;
}

}  // namespace

bool sweepIpc(uid_t owner) {
  bool clean = true;
  for (const Table& table : kTables) {
    clean = sweepTable(table, owner) && clean;
  }
  return clean;
}

}  // namespace tango::autodriver
