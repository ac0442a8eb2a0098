#include "vmms/tashi/rpc_messages.hpp"

#include <utility>

#include "vmms/tashi/words.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// rpyc/core/consts.py
constexpr std::int64_t kRequest = 1;
constexpr std::int64_t kReply = 2;
constexpr std::int64_t kException = 3;
constexpr std::int64_t kByValue = 1;
constexpr std::int64_t kOfTheOtherEnd = 4;
constexpr std::int64_t kGetRoot = 3;
constexpr std::int64_t kCallAttribute = 8;

Error bad(const char* why) {
  return {ErrorKind::kSystem, std::string("an answer of RPyC that cannot be read: ") + why};
}

std::string request(std::int64_t sequence, std::int64_t handler,
                    const std::vector<std::string>& arguments) {
  return brineTuple({brineNumber(kRequest), brineNumber(sequence),
                     brineTuple({brineNumber(handler),
                                 brineTuple({brineNumber(kByValue), brineTuple(arguments)})})});
}

// Of ((module, name), arguments, attributes, traceback), or a text.
std::string exceptionWords(const Brine& exception) {
  if (const auto* const text = exception.as<std::string>()) {
    return wordsOf(*text);
  }
  const auto* const parts = exception.as<BrineTuple>();
  const BrineTuple* const type =
      parts != nullptr && !parts->empty() ? parts->front().tuple(2) : nullptr;
  const auto* const name = type == nullptr ? nullptr : type->at(1).as<std::string>();
  if (name == nullptr) {
    return "an exception";
  }
  const auto* const arguments = parts->size() < 2 ? nullptr : parts->at(1).as<BrineTuple>();
  const auto* const text =
      arguments == nullptr || arguments->empty() ? nullptr : arguments->front().as<std::string>();
  return wordsOf(*name) + (text == nullptr ? "" : ": " + wordsOf(*text));
}

}  // namespace

std::string rootRequest(std::int64_t sequence) {
  return request(sequence, kGetRoot, {});
}

std::string callRequest(std::int64_t sequence, std::int64_t root_id, std::string_view method,
                        std::string_view argument) {
  return request(
      sequence, kCallAttribute,
      {brineNumber(root_id), brineText(method), brineTuple({brineText(argument)}), brineTuple({})});
}

Result<RpcAnswer> readAnswer(std::string_view message, std::int64_t sequence) {
  Result<Brine> read = readBrine(message);
  if (!read) {
    return read.error();
  }
  const BrineTuple* const parts = read->tuple(3);
  if (parts == nullptr || !parts->at(1).isNumber(sequence)) {
    return bad("it answers another request");
  }
  RpcAnswer answer;
  const Brine& given = parts->at(2);
  if (parts->front().isNumber(kException)) {
    answer.refused = true;
    answer.words = exceptionWords(given);
    return answer;
  }
  const BrineTuple* const labelled = given.tuple(2);
  const auto* const label = labelled == nullptr ? nullptr : labelled->front().as<std::int64_t>();
  if (!parts->front().isNumber(kReply) || label == nullptr) {
    return bad("it is neither a reply nor an exception");
  }
  answer.label = *label;
  answer.value = labelled->at(1);
  return answer;
}

Result<std::int64_t> rootIdOf(const RpcAnswer& answer) {
  const BrineTuple* const reference = answer.value.tuple(3);
  const auto* const id = reference == nullptr ? nullptr : reference->front().as<std::int64_t>();
  if (answer.label != kOfTheOtherEnd || id == nullptr) {
    return bad("it gives no object to call");
  }
  return *id;
}

Result<std::string> textOf(const RpcAnswer& answer) {
  const auto* const text = answer.value.as<std::string>();
  if (answer.label != kByValue || text == nullptr) {
    return bad("it gives no text");
  }
  return *text;
}

}  // namespace tango::vmms::tashi
