#include "tango/client/terminal_text.hpp"

#include <array>

#include <unistd.h>

#include "base/utf8.hpp"

namespace tango::client {
namespace {

constexpr unsigned char kDelete = 0x7f;
constexpr std::size_t kContinuationsMax = 3;

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

bool isContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// How many bytes a character has that begins with `first`.
std::size_t lengthOf(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The character at `at` of well-formed UTF-8.
Character characterAt(std::string_view text, std::size_t at) {
  Character found;
  found.bytes = lengthOf(text[at]);
  const auto first = static_cast<unsigned char>(text[at]);
  found.code = found.bytes == 1 ? first : first & (0xFFU >> (found.bytes + 1));
  for (std::size_t next = 1; next < found.bytes; ++next) {
    found.code = (found.code << 6) | (static_cast<unsigned char>(text[at + next]) & 0x3FU);
  }
  return found;
}

/// Marks, embeddings, overrides and isolates of direction, and the two separators that end a line.
bool turnsOrEndsALine(char32_t code) {
  return code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool isControl(char32_t code) {
  return code < 0x20 || (code >= kDelete && code < 0xA0) || turnsOrEndsALine(code);
}

std::string shown(char32_t code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), code < 0x80 ? "\\x%02x" : "\\u%04x",
                static_cast<unsigned>(code));
  return text.data();
}

std::string escaped(std::string_view bytes, std::string_view kept) {
  const std::string text = base::replaceInvalidUtf8(bytes);
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = characterAt(text, at);
    const std::string_view itself = std::string_view(text).substr(at, character.bytes);
    const bool stays = !isControl(character.code) || kept.find(itself) != std::string_view::npos;
    result += stays ? std::string(itself) : shown(character.code);
    at += character.bytes;
  }
  return result;
}

/// How many of the last bytes are the beginning of a character that is not complete.
std::size_t begunBytes(std::string_view text) {
  std::size_t back = 1;
  while (back <= kContinuationsMax && back < text.size() &&
         isContinuation(text[text.size() - back])) {
    ++back;
  }
  return back <= text.size() && lengthOf(text[text.size() - back]) > back ? back : 0;
}

}  // namespace

std::string onOneLine(std::string_view text) {
  return escaped(text, "");
}

std::string printable(std::string_view text) {
  return escaped(text, "\n\t\r");
}

std::size_t columnsOf(std::string_view text) {
  std::size_t columns = 0;
  for (const char byte : text) {
    columns += isContinuation(byte) ? 0 : 1;
  }
  return columns;
}

bool isTerminal(std::FILE* stream) {
  return ::isatty(::fileno(stream)) == 1;
}

void tell(std::string_view message) {
  std::fprintf(stderr, "tango: %s\n", onOneLine(message).c_str());
}

BytesPrinter::BytesPrinter(std::FILE* stream) : stream_(stream), terminal_(isTerminal(stream)) {}

void BytesPrinter::print(std::string_view piece) {
  if (piece.empty()) {
    return;
  }
  std::string text = begun_ + std::string(piece);
  begun_.clear();
  if (terminal_) {
    begun_ = text.substr(text.size() - begunBytes(text));
    text.resize(text.size() - begun_.size());
    text = printable(text);
  }
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
  line_open_ = text.empty() ? line_open_ : !text.ends_with('\n');
}

void BytesPrinter::finish() {
  const std::string rest = printable(begun_);
  begun_.clear();
  std::fwrite(rest.data(), 1, rest.size(), stream_);
  if (terminal_ && (line_open_ || !rest.empty())) {
    std::fputs("\n", stream_);
  }
  std::fflush(stream_);
  line_open_ = false;
}

}  // namespace tango::client
