#include "vmms/ec2/refusal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "vmms/ec2/xml.hpp"

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kWordsMax = 500;
// EC2 takes requests of five minutes before its clock and after.
constexpr std::int64_t kClockOffMax = 240;

struct Known {
  std::string_view code;
  Remedy remedy;
  ErrorKind kind;
};

// Other codes go by their status: 5xx is tried again, all else is kInvalid.
constexpr auto kKnown = std::to_array<Known>({
    {"RequestLimitExceeded", Remedy::kAgain, ErrorKind::kSystem},
    {"Throttling", Remedy::kAgain, ErrorKind::kSystem},
    {"ThrottlingException", Remedy::kAgain, ErrorKind::kSystem},
    {"ThrottledException", Remedy::kAgain, ErrorKind::kSystem},
    {"RequestThrottled", Remedy::kAgain, ErrorKind::kSystem},
    {"RequestThrottledException", Remedy::kAgain, ErrorKind::kSystem},
    {"TooManyRequestsException", Remedy::kAgain, ErrorKind::kSystem},
    {"BandwidthLimitExceeded", Remedy::kAgain, ErrorKind::kSystem},
    {"PriorRequestNotComplete", Remedy::kAgain, ErrorKind::kSystem},
    {"RequestTimeout", Remedy::kAgain, ErrorKind::kSystem},
    {"ServiceUnavailable", Remedy::kAgain, ErrorKind::kSystem},
    {"Unavailable", Remedy::kAgain, ErrorKind::kSystem},
    {"InternalError", Remedy::kAgain, ErrorKind::kSystem},
    {"InternalFailure", Remedy::kAgain, ErrorKind::kSystem},
    {"ServerInternal", Remedy::kAgain, ErrorKind::kSystem},

    {"AuthFailure", Remedy::kCredentials, ErrorKind::kInvalid},
    // Of a request that is too old, and of credentials that are.
    {"RequestExpired", Remedy::kCredentials, ErrorKind::kInvalid},
    {"ExpiredToken", Remedy::kCredentials, ErrorKind::kInvalid},
    {"ExpiredTokenException", Remedy::kCredentials, ErrorKind::kInvalid},
    {"InvalidClientTokenId", Remedy::kCredentials, ErrorKind::kInvalid},
    {"InvalidAccessKeyId", Remedy::kCredentials, ErrorKind::kInvalid},
    {"UnrecognizedClientException", Remedy::kCredentials, ErrorKind::kInvalid},
    {"SignatureDoesNotMatch", Remedy::kCredentials, ErrorKind::kInvalid},

    {"InsufficientInstanceCapacity", Remedy::kElsewhere, ErrorKind::kSystem},
    {"InsufficientHostCapacity", Remedy::kElsewhere, ErrorKind::kSystem},
    {"InsufficientCapacity", Remedy::kElsewhere, ErrorKind::kSystem},
    {"InsufficientAddressCapacity", Remedy::kElsewhere, ErrorKind::kSystem},
    {"InsufficientFreeAddressesInSubnet", Remedy::kElsewhere, ErrorKind::kSystem},
    {"InsufficientVolumeCapacity", Remedy::kElsewhere, ErrorKind::kSystem},
    {"SpotMaxPriceTooLow", Remedy::kElsewhere, ErrorKind::kSystem},
    {"Unsupported", Remedy::kElsewhere, ErrorKind::kUnsupported},

    {"InstanceLimitExceeded", Remedy::kNone, ErrorKind::kSystem},
    {"VcpuLimitExceeded", Remedy::kNone, ErrorKind::kSystem},
    {"MaxSpotInstanceCountExceeded", Remedy::kNone, ErrorKind::kSystem},
    {"VolumeLimitExceeded", Remedy::kNone, ErrorKind::kSystem},
    {"MaxIOPSLimitExceeded", Remedy::kNone, ErrorKind::kSystem},
    {"PendingVerification", Remedy::kNone, ErrorKind::kSystem},
    {"IdempotentParameterMismatch", Remedy::kNone, ErrorKind::kSystem},
    {"InvalidInstanceID.NotFound", Remedy::kNone, ErrorKind::kNotFound},
    {"InvalidKeyPair.NotFound", Remedy::kNone, ErrorKind::kNotFound},
    {"InvalidGroup.NotFound", Remedy::kNone, ErrorKind::kNotFound},
    {"InvalidKeyPair.Duplicate", Remedy::kNone, ErrorKind::kExists},
    {"InvalidGroup.Duplicate", Remedy::kNone, ErrorKind::kExists},
    {"InvalidPermission.Duplicate", Remedy::kNone, ErrorKind::kExists},
    {"UnsupportedOperation", Remedy::kNone, ErrorKind::kUnsupported},
});

const Known* known(const std::string& code) {
  const auto* const found = std::find_if(kKnown.begin(), kKnown.end(),
                                         [&code](const auto& each) { return each.code == code; });
  return found == kKnown.end() ? nullptr : found;
}

bool isServerError(int status) {
  return status >= 500 || status == 429 || status == 408;
}

ErrorKind kindOf(const Refusal& refusal) {
  if (refusal.code.starts_with("InvalidAMIID.")) {
    return ErrorKind::kNotFound;
  }
  if (const Known* const each = known(refusal.code)) {
    return each->kind;
  }
  return isServerError(refusal.status) ? ErrorKind::kSystem : ErrorKind::kInvalid;
}

// What only AWS can decode, and what would be longer than a line, is left out.
std::string wordsOf(std::string message) {
  message.resize(std::min(message.find("Encoded authorization failure message"), message.size()));
  if (message.size() > kWordsMax) {
    message.resize(kWordsMax);
    message += "...";
  }
  while (!message.empty() && (message.back() == ' ' || message.back() == '\n')) {
    message.pop_back();
  }
  return message;
}

bool isClockOff(std::optional<std::int64_t> behind) {
  return behind && (*behind > kClockOffMax || *behind < -kClockOffMax);
}

std::string clockWords(std::int64_t behind) {
  return "the clock of this machine is " + std::to_string(behind > 0 ? behind : -behind) +
         " seconds " + (behind > 0 ? "behind" : "ahead") + ", so EC2 takes no request of it";
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0
             ? std::optional(value)
             : std::nullopt;
}

}  // namespace

Refusal refusalOf(int status, std::string_view body) {
  Refusal refusal;
  refusal.status = status;
  if (const base::Result<Element> answer = parseXml(body)) {
    const Element& error = answer->child("Errors").child("Error");
    refusal.code = error.at("Code");
    refusal.message = error.at("Message");
  }
  return refusal;
}

Remedy remedyOf(const Refusal& refusal) {
  if (const Known* const each = known(refusal.code)) {
    return each->remedy;
  }
  return isServerError(refusal.status) ? Remedy::kAgain : Remedy::kNone;
}

Error errorOf(const Refusal& refusal, std::string_view action,
              std::optional<std::int64_t> clock_behind) {
  const std::string asked(action);
  if (refusal.code.empty()) {
    return {kindOf(refusal),
            asked + ": EC2 answered with status " + std::to_string(refusal.status)};
  }
  const std::string words = wordsOf(refusal.message);
  if (refusal.code == "UnauthorizedOperation") {
    return {ErrorKind::kInvalid, asked + ": the credentials have no right to ec2:" + asked +
                                     " (an IAM policy must allow it): " + words};
  }
  if (remedyOf(refusal) == Remedy::kCredentials && isClockOff(clock_behind)) {
    return {ErrorKind::kSystem, asked + ": " + clockWords(*clock_behind) + ": " + words};
  }
  return {kindOf(refusal), asked + ": " + refusal.code + (words.empty() ? "" : ": " + words)};
}

std::optional<std::int64_t> timeOfDate(std::string_view header) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (header.size() != 29 || header.substr(25) != " GMT") {
    return std::nullopt;
  }
  const std::size_t month = kMonths.find(header.substr(8, 3));
  const auto day = number(header.substr(5, 2));
  const auto year = number(header.substr(12, 4));
  const auto hour = number(header.substr(17, 2));
  const auto minute = number(header.substr(20, 2));
  const auto second = number(header.substr(23, 2));
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute ||
      !second) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return std::int64_t{days} * 86'400 + *hour * 3'600 + *minute * 60 + *second;
}

}  // namespace tango::vmms::ec2
