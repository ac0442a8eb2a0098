// Memory that is held only to be given back. A job can leave its machine's memory full of files in
// tmpfs; what is then still to be said needs some, and the kernel would have nobody left to kill
// for it but autodriver.
#pragma once

#include <cstddef>
#include <utility>

#include <sys/mman.h>

namespace tango::autodriver {

class Ballast {
 public:
  /// Takes `size` bytes for real. Without any it does nothing.
  explicit Ballast(std::size_t size)
      : size_(size),
        memory_(::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)) {}
  Ballast(const Ballast&) = delete;
  Ballast& operator=(const Ballast&) = delete;
  ~Ballast() { drop(); }

  void drop() {
    if (memory_ != MAP_FAILED) {
      ::munmap(std::exchange(memory_, MAP_FAILED), size_);
    }
  }

 private:
  std::size_t size_;
  void* memory_;
};

}  // namespace tango::autodriver
