#include "vmms/docker/tar.hpp"

#include <cstdio>
#include <cstring>
#include <numeric>

#include "base/assert.hpp"

namespace tango::vmms::docker {
namespace {

constexpr std::size_t kBlock = 512;

/// One block; the fields' places and widths are POSIX's.
struct Header {
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char rest[247];
};
static_assert(sizeof(Header) == kBlock);

template <std::size_t width>
void octal(char (&field)[width], unsigned long long value) {
  std::snprintf(field, width, "%0*llo", static_cast<int>(width - 1), value);
}

/// GNU tar's way for a number that does not fit: the highest bit set, then the number in binary.
template <std::size_t width>
void number(char (&field)[width], std::uint64_t value) {
  if (value < std::uint64_t{1} << (3 * (width - 1))) {
    octal(field, value);
    return;
  }
  for (std::size_t at = width; at-- > 0; value >>= 8) {
    field[at] = static_cast<char>(value & 0xff);
  }
  field[0] = static_cast<char>(0x80);
}

}  // namespace

std::string tarHead(std::string_view name, unsigned mode, std::uint64_t bytes) {
  Header header{};
  TANGO_ASSERT(name.size() < sizeof header.name, "a name too long for ustar");
  std::memcpy(header.name, name.data(), name.size());
  octal(header.mode, mode);
  octal(header.uid, 0);
  octal(header.gid, 0);
  number(header.size, bytes);
  octal(header.mtime, 0);
  header.type = '0';
  std::memcpy(header.magic, "ustar", sizeof header.magic);
  std::memcpy(header.version, "00", sizeof header.version);
  // The sum is made with spaces in its own place.
  std::memset(header.checksum, ' ', sizeof header.checksum);
  unsigned sum = 0;
  for (const char each : std::string_view(reinterpret_cast<char*>(&header), kBlock)) {
    sum += static_cast<unsigned char>(each);
  }
  std::snprintf(header.checksum, sizeof header.checksum, "%06o", sum);
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

std::string tarPadding(std::uint64_t bytes) {
  return std::string((kBlock - bytes % kBlock) % kBlock, '\0');
}

std::string tarEnd() {
  return std::string(2 * kBlock, '\0');
}

std::string tarOf(const std::vector<TarFile>& files) {
  std::string tar;
  for (const TarFile& file : files) {
    tar.append(tarHead(file.name, file.mode, file.content.size()));
    tar.append(file.content);
    tar.append(tarPadding(file.content.size()));
  }
  return tar + tarEnd();
}

}  // namespace tango::vmms::docker
