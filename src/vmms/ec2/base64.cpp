#include "vmms/ec2/base64.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace tango::vmms::ec2 {
namespace {

bool isDigit(char each) {
  return (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z') ||
         (each >= '0' && each <= '9') || each == '+' || each == '/';
}

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string base64Of(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytesOf(bytes),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> fromBase64(std::string_view text) {
  std::string digits;
  std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
               [](char each) { return each != '\n' && each != '\r' && each != ' '; });
  const std::size_t padding = digits.size() - std::min(digits.size(), digits.find('='));
  const auto digits_end = digits.end() - static_cast<std::ptrdiff_t>(padding);
  if (digits.size() % 4 != 0 || padding > 2 || !std::all_of(digits.begin(), digits_end, isDigit) ||
      !std::all_of(digits_end, digits.end(), [](char each) { return each == '='; })) {
    return std::nullopt;
  }
  std::string bytes(digits.size() / 4 * 3, '\0');
  if (::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytesOf(digits),
                        static_cast<int>(digits.size())) < 0) {
    return std::nullopt;
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace tango::vmms::ec2
