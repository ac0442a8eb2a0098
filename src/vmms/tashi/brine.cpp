#include "vmms/tashi/brine.hpp"

#include <bit>
#include <charconv>
#include <optional>
#include <utility>

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

enum Tag : unsigned char {
  kNone = 0x00,
  kEmptyText = 0x01,
  kEmptyTuple = 0x02,
  kTrue = 0x03,
  kFalse = 0x04,
  kUnicode = 0x08,
  kLong = 0x09,
  kText1 = 0x0a,
  kText4 = 0x0d,
  kTextL1 = 0x0e,
  kTextL4 = 0x0f,
  kTuple1 = 0x10,
  kTuple4 = 0x13,
  kTupleL1 = 0x14,
  kTupleL4 = 0x15,
  kNumberL1 = 0x16,
  kNumberL4 = 0x17,
  kFloat = 0x18,
};

// Small numbers are a byte of their own.
constexpr int kSmallZero = 0x50;
constexpr int kSmallMin = -0x30;
constexpr int kSmallMax = 0x9f;

Error bad(const char* why) {
  return {ErrorKind::kSystem, std::string("brine that cannot be read: ") + why};
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  Result<Brine> read(std::size_t depth) {
    if (depth > kBrineDepthMax) {
      return bad("it is too deep");
    }
    if (++values_ > kBrineValuesMax) {
      return bad("it has too many values");
    }
    const std::optional<std::uint64_t> tag = number(1);
    if (!tag) {
      return bad("it ends in the middle");
    }
    return *tag >= kSmallZero + kSmallMin
               ? Result<Brine>(Brine{static_cast<std::int64_t>(*tag) - kSmallZero})
               : tagged(static_cast<unsigned char>(*tag), depth);
  }

  [[nodiscard]] bool atEnd() const { return rest_.empty(); }

 private:
  Result<Brine> tagged(unsigned char tag, std::size_t depth) {
    switch (tag) {
      case kNone:
        return Brine{BrineNone{}};
      case kTrue:
      case kFalse:
        return Brine{tag == kTrue};
      case kEmptyText:
        return Brine{std::string()};
      case kEmptyTuple:
        return Brine{BrineTuple()};
      case kUnicode:
        return inner<std::string>(depth);
      case kLong:
        return inner<std::int64_t>(depth);
      case kTextL1:
      case kTextL4:
        return text(number(tag == kTextL1 ? 1 : 4));
      case kTupleL1:
      case kTupleL4:
        return tuple(number(tag == kTupleL1 ? 1 : 4), depth);
      case kNumberL1:
      case kNumberL4:
        return decimal(number(tag == kNumberL1 ? 1 : 4));
      case kFloat:
        return real(number(8));
      default:
        break;
    }
    if (tag >= kText1 && tag <= kText4) {
      return text(tag - kText1 + 1U);
    }
    if (tag >= kTuple1 && tag <= kTuple4) {
      return tuple(tag - kTuple1 + 1U, depth);
    }
    return bad("it has a value of an unknown kind");
  }

  // Big-endian, of so many bytes; nothing: there are fewer.
  std::optional<std::uint64_t> number(std::size_t bytes) {
    if (rest_.size() < bytes) {
      return std::nullopt;
    }
    std::uint64_t value = 0;
    for (std::size_t at = 0; at < bytes; ++at) {
      value = value << 8 | static_cast<unsigned char>(rest_[at]);
    }
    rest_.remove_prefix(bytes);
    return value;
  }

  std::optional<std::string_view> take(std::optional<std::uint64_t> bytes) {
    if (!bytes || rest_.size() < *bytes) {
      return std::nullopt;
    }
    const std::string_view taken = rest_.substr(0, *bytes);
    rest_.remove_prefix(*bytes);
    return taken;
  }

  // A value that is written as another one behind its tag.
  template <class T>
  Result<Brine> inner(std::size_t depth) {
    Result<Brine> value = read(depth + 1);
    if (value && value->as<T>() == nullptr) {
      return bad("a value is not of the kind that it says");
    }
    return value;
  }

  Result<Brine> text(std::optional<std::uint64_t> size) {
    const std::optional<std::string_view> bytes = take(size);
    return bytes ? Result<Brine>(Brine{std::string(*bytes)}) : bad("it ends in the middle");
  }

  Result<Brine> tuple(std::optional<std::uint64_t> size, std::size_t depth) {
    if (!size) {
      return bad("it ends in the middle");
    }
    BrineTuple items;
    for (std::uint64_t at = 0; at < *size; ++at) {
      Result<Brine> item = read(depth + 1);
      if (!item) {
        return item;
      }
      items.push_back(*std::move(item));
    }
    return Brine{std::move(items)};
  }

  Result<Brine> decimal(std::optional<std::uint64_t> size) {
    const std::optional<std::string_view> digits = take(size);
    if (!digits) {
      return bad("it ends in the middle");
    }
    std::int64_t value = 0;
    const char* const end = digits->data() + digits->size();
    const auto [stop, failure] = std::from_chars(digits->data(), end, value);
    return failure == std::errc() && stop == end ? Result<Brine>(Brine{value})
                                                 : bad("it has a number not of 64 bits");
  }

  static Result<Brine> real(std::optional<std::uint64_t> bits) {
    return bits ? Result<Brine>(Brine{std::bit_cast<double>(*bits)}) : bad("it ends in the middle");
  }

  std::string_view rest_;
  std::size_t values_ = 0;
};

void appendByte(std::string& bytes, std::size_t byte) {
  bytes.push_back(static_cast<char>(byte));
}

// A tag, and how long what follows is.
std::string sized(Tag short_tag, Tag long_tag, std::size_t size) {
  std::string bytes;
  appendByte(bytes, size < 256 ? short_tag : long_tag);
  for (int shift = size < 256 ? 0 : 24; shift >= 0; shift -= 8) {
    appendByte(bytes, size >> shift & 0xffU);
  }
  return bytes;
}

}  // namespace

Result<Brine> readBrine(std::string_view bytes) {
  Reader reader(bytes);
  Result<Brine> value = reader.read(0);
  if (value && !reader.atEnd()) {
    return bad("something stands behind its end");
  }
  return value;
}

std::string brineNumber(std::int64_t number) {
  if (number >= kSmallMin && number <= kSmallMax) {
    return {static_cast<char>(number + kSmallZero)};
  }
  const std::string digits = std::to_string(number);
  return sized(kNumberL1, kNumberL4, digits.size()) + digits;
}

std::string brineText(std::string_view bytes) {
  std::string written;
  if (bytes.empty()) {
    appendByte(written, kEmptyText);
  } else if (bytes.size() <= 4) {
    appendByte(written, kText1 + bytes.size() - 1);
  } else {
    written = sized(kTextL1, kTextL4, bytes.size());
  }
  return written.append(bytes);
}

std::string brineTuple(const std::vector<std::string>& items) {
  std::string written;
  if (items.empty()) {
    appendByte(written, kEmptyTuple);
  } else if (items.size() <= 4) {
    appendByte(written, kTuple1 + items.size() - 1);
  } else {
    written = sized(kTupleL1, kTupleL4, items.size());
  }
  for (const std::string& item : items) {
    written += item;
  }
  return written;
}

}  // namespace tango::vmms::tashi
