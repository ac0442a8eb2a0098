#include "vmms/tashi/pickle_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "base/utf8.hpp"
#include "vmms/tashi/pickle_text.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kTypes = "tashi.rpycservices.rpyctypes";
/// The last two are of a Tashi that has firewalls.
constexpr std::array<std::string_view, 6> kTypeNames = {
    "Instance",       "DiskConfiguration",     "NetworkConfiguration",
    "TashiException", "FirewallConfiguration", "PortConfiguration"};
/// By these two Python makes objects of classes that stand on `object`.
constexpr std::string_view kReconstructor = "copy_reg._reconstructor";
constexpr std::string_view kObject = "__builtin__.object";
constexpr std::size_t kClassNameMax = 128;

std::string fullName(const PickleClass& type) {
  return type.module + "." + type.name;
}

bool isMachinery(const PickleClass& type) {
  const std::string name = fullName(type);
  return name == kReconstructor || name == kObject;
}

bool isTaken(const PickleClass& type) {
  const bool of_tashi = type.module == kTypes && std::find(kTypeNames.begin(), kTypeNames.end(),
                                                           type.name) != kTypeNames.end();
  return of_tashi || type.module == "exceptions" || isMachinery(type);
}

std::string shown(std::string_view text) {
  return base::replaceInvalidUtf8(text.substr(0, 80));
}

template <class Number>
std::optional<Number> numberIn(std::string_view text) {
  Number number{};
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && stop == text.data() + text.size() ? std::optional(number)
                                                                     : std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Result<Pickle> read() {
    while (!ended_ && failure_.empty()) {
      if (rest_.empty()) {
        fail("it ends in the middle");
        break;
      }
      const char step = rest_.front();
      rest_.remove_prefix(1);
      carryOut(step);
    }
    if (failure_.empty() && !rest_.empty()) {
      fail("something stands behind its end");
    }
    if (!failure_.empty()) {
      return Error(ErrorKind::kSystem, "a pickle that cannot be read: " + failure_);
    }
    return std::move(pickle_);
  }

 private:
  using Values = std::vector<PickleValue*>;

  // The first failure counts.
  void fail(std::string why) {
    if (failure_.empty()) {
      failure_ = std::move(why);
    }
  }

  void carryOut(char step) {
    switch (step) {
      case '(':
        return mark();
      case '.':
        return end();
      case 'N':
        return push(PickleNone{});
      case 'I':
      case 'L':
      case 'F':
        return number(step);
      case 'S':
      case 'V':
        return text(step);
      case 'c':
        return global();
      case 'i':
        return inst();
      case 't':
      case 'l':
      case 'd':
        return collect(step);
      case 'a':
        return append();
      case 's':
        return setItem();
      case 'R':
        return reduce();
      case 'b':
        return build();
      case 'p':
      case 'g':
        return memo(step);
      default:
        return fail("protocol 0 has no step \"" + shown(std::string(1, step)) + "\"");
    }
  }

  // The stack.

  [[nodiscard]] std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleValue* make(PickleValue value) {
    if (pickle_.values.size() >= kPickleValuesMax) {
      fail("it has too many values");
      return nullptr;
    }
    return &pickle_.values.emplace_back(std::move(value));
  }

  template <class T>
  void push(T value) {
    PickleValue* const made = make(PickleValue{std::move(value)});
    if (made != nullptr) {
      stack_.push_back(made);
    }
  }

  // Null, and it failed: there is nothing above the last mark.
  PickleValue* pop() {
    if (stack_.size() <= floor()) {
      fail("a step lacks its operand");
      return nullptr;
    }
    PickleValue* const top = stack_.back();
    stack_.pop_back();
    return top;
  }

  // The same, and it stays there.
  PickleValue* top() {
    PickleValue* const value = pop();
    if (value != nullptr) {
      stack_.push_back(value);
    }
    return value;
  }

  void mark() {
    if (marks_.size() >= kPickleDepthMax) {
      return fail("it is too deep");
    }
    marks_.push_back(stack_.size());
  }

  std::optional<Values> popToMark() {
    if (marks_.empty()) {
      fail("a step lacks its mark");
      return std::nullopt;
    }
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    Values values(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return values;
  }

  // What follows a step, to the end of its line.
  std::optional<std::string_view> line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      fail("it ends in the middle");
      return std::nullopt;
    }
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return found;
  }

  // Steps that make plain values.

  void number(char step) {
    std::optional<std::string_view> digits = line();
    if (!digits) {
      return;
    }
    if (step == 'I' && (*digits == "00" || *digits == "01")) {
      return push(*digits == "01");
    }
    if (step == 'F') {
      const std::optional<double> value = numberIn<double>(*digits);
      return value ? push(*value) : fail("\"" + shown(*digits) + "\" is no number");
    }
    if (step == 'L' && digits->ends_with('L')) {
      digits->remove_suffix(1);
    }
    const auto value = numberIn<std::int64_t>(*digits);
    return value ? push(*value) : fail("\"" + shown(*digits) + "\" is no number of 64 bits");
  }

  void text(char step) {
    const std::optional<std::string_view> written = line();
    if (!written) {
      return;
    }
    Result<std::string> bytes = step == 'S' ? unquoted(*written) : utf8OfRawUnicode(*written);
    return bytes ? push(*std::move(bytes)) : fail(bytes.error().message());
  }

  std::optional<PickleClass> classNamed() {
    const std::optional<std::string_view> module = line();
    const std::optional<std::string_view> name = module ? line() : std::nullopt;
    if (!name) {
      return std::nullopt;
    }
    const bool small = module->size() <= kClassNameMax && name->size() <= kClassNameMax;
    PickleClass type{std::string(module->substr(0, kClassNameMax)),
                     std::string(name->substr(0, kClassNameMax))};
    if (!small || !isTaken(type)) {
      fail("it has " + shown(fullName(type)) + ", which is no class of Tashi's answers");
      return std::nullopt;
    }
    return type;
  }

  void global() {
    std::optional<PickleClass> type = classNamed();
    if (type) {
      push(*std::move(type));
    }
  }

  // Steps that make values of values.

  void inst() {
    std::optional<PickleClass> type = classNamed();
    const std::optional<Values> arguments = type ? popToMark() : std::nullopt;
    if (!arguments) {
      return;
    }
    if (isMachinery(*type)) {
      return fail("it makes an object of " + fullName(*type));
    }
    const PickleValue* const tuple =
        make(PickleValue{PickleTuple{{arguments->begin(), arguments->end()}}});
    push(PickleObject{*std::move(type), tuple, nullptr});
  }

  void collect(char step) {
    const std::optional<Values> values = popToMark();
    if (!values) {
      return;
    }
    if (step == 't') {
      return push(PickleTuple{{values->begin(), values->end()}});
    }
    if (step == 'l') {
      return push(PickleList{{values->begin(), values->end()}});
    }
    if (values->size() % 2 != 0) {
      return fail("a dict has a key without a value");
    }
    PickleDict dict;
    for (std::size_t at = 0; at < values->size(); at += 2) {
      dict.items.emplace_back(values->at(at), values->at(at + 1));
    }
    push(std::move(dict));
  }

  void append() {
    const PickleValue* const item = pop();
    PickleValue* const holder = item == nullptr ? nullptr : top();
    auto* const list = holder == nullptr ? nullptr : std::get_if<PickleList>(&holder->is);
    if (list == nullptr) {
      return fail("an item is added to what is no list");
    }
    list->items.push_back(item);
  }

  void setItem() {
    const PickleValue* const value = pop();
    const PickleValue* const key = value == nullptr ? nullptr : pop();
    PickleValue* const holder = key == nullptr ? nullptr : top();
    auto* const dict = holder == nullptr ? nullptr : std::get_if<PickleDict>(&holder->is);
    if (dict == nullptr) {
      return fail("an item is set in what is no dict");
    }
    dict->items.emplace_back(key, value);
  }

  // With 'g' a few bytes make a reference, and no new value.
  bool countReference() {
    if (++references_ > kPickleValuesMax) {
      fail("it has too many values");
      return false;
    }
    return true;
  }

  void reduce() {
    const PickleValue* const arguments = pop();
    const PickleValue* const callee = arguments == nullptr ? nullptr : pop();
    if (callee == nullptr) {
      return;
    }
    const auto* const type = callee->as<PickleClass>();
    const auto* const tuple = arguments->as<PickleTuple>();
    if (type == nullptr || tuple == nullptr) {
      return fail("it makes an object of " + callee->kind());
    }
    if (fullName(*type) == kReconstructor) {
      return reconstruct(*tuple);
    }
    if (isMachinery(*type)) {
      return fail("it makes an object of " + fullName(*type));
    }
    push(PickleObject{*type, arguments, nullptr});
  }

  void reconstruct(const PickleTuple& arguments) {
    const auto* const type =
        arguments.items.empty() ? nullptr : arguments.items.front()->as<PickleClass>();
    if (type == nullptr || isMachinery(*type)) {
      return fail("it makes an object of no class");
    }
    push(PickleObject{*type, nullptr, nullptr});
  }

  void build() {
    const PickleValue* const state = pop();
    PickleValue* const holder = state == nullptr ? nullptr : top();
    auto* const object = holder == nullptr ? nullptr : std::get_if<PickleObject>(&holder->is);
    if (object == nullptr || state->as<PickleDict>() == nullptr) {
      return fail("a state is given to what is no object");
    }
    object->state = state;
  }

  void memo(char step) {
    const std::optional<std::string_view> written = line();
    const std::optional<std::uint32_t> index =
        written ? numberIn<std::uint32_t>(*written) : std::nullopt;
    if (!index) {
      return fail("a place in its memo is no number");
    }
    if (step == 'p') {
      PickleValue* const value = top();
      if (value != nullptr && memo_.size() < kPickleValuesMax) {
        memo_[*index] = value;
      }
      return;
    }
    const auto found = memo_.find(*index);
    if (found == memo_.end()) {
      return fail("it refers to what its memo has not");
    }
    if (countReference()) {
      stack_.push_back(found->second);
    }
  }

  void end() {
    pickle_.root = pop();
    if (pickle_.root != nullptr && (!stack_.empty() || !marks_.empty())) {
      fail("it ends with more than one value");
    }
    ended_ = true;
  }

  std::string_view rest_;
  Pickle pickle_;
  Values stack_;
  std::vector<std::size_t> marks_;
  std::map<std::uint32_t, PickleValue*> memo_;
  std::size_t references_ = 0;
  std::string failure_;
  bool ended_ = false;
};

}  // namespace

Result<Pickle> readPickle(std::string_view text) {
  if (text.size() > kPickleBytesMax) {
    return Error(ErrorKind::kSystem, "a pickle that is too large");
  }
  Result<Pickle> pickle = Reader(text).read();
  TANGO_ASSERT(!pickle || pickle->root != nullptr, "a pickle without a value");
  return pickle;
}

}  // namespace tango::vmms::tashi
