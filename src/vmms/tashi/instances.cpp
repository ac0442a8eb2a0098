#include "vmms/tashi/instances.hpp"

#include <utility>

#include "vmms/tashi/pickle_writer.hpp"
#include "vmms/tashi/words.hpp"

namespace tango::vmms::tashi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error bad(const std::string& why) {
  return {ErrorKind::kSystem, "an answer that is not Tashi's: " + why};
}

// The first argument that an exception was made with; null: there was none.
const PickleValue* firstArgument(const PickleObject& exception) {
  const auto* const items = exception.arguments == nullptr ? nullptr : exception.arguments->items();
  return items == nullptr || items->empty() ? nullptr : items->front();
}

Refusal refusalOf(const PickleValue& exception, const PickleObject& object) {
  const PickleValue* const argument = firstArgument(object);
  for (const PickleValue* const holder : {&exception, argument}) {
    const std::string* const message = holder == nullptr ? nullptr : holder->textAt("msg");
    if (message != nullptr) {
      return {holder->numberAt("errno").value_or(0), wordsOf(*message)};
    }
  }
  const auto* const text = argument == nullptr ? nullptr : argument->as<std::string>();
  return {0, object.type.name + (text == nullptr ? "" : ": " + wordsOf(*text))};
}

Hints hintsIn(const PickleValue& instance) {
  Hints hints;
  const PickleValue* const found = instance.at("hints");
  const auto* const dict = found == nullptr ? nullptr : found->as<PickleDict>();
  if (dict == nullptr) {
    return hints;
  }
  for (const auto& [key, value] : dict->items) {
    const auto* const name = key->as<std::string>();
    const auto* const text = value->as<std::string>();
    if (name != nullptr && text != nullptr) {
      hints[*name] = *text;
    }
  }
  return hints;
}

std::string firstIp(const PickleValue& instance) {
  const PickleValue* const found = instance.at("nics");
  const auto* const cards = found == nullptr ? nullptr : found->items();
  const std::string* const ip =
      cards == nullptr || cards->empty() ? nullptr : cards->front()->textAt("ip");
  return ip == nullptr ? "" : *ip;
}

}  // namespace

std::optional<Refusal> refusalIn(const Pickle& answer) {
  const auto* const object = answer.root->as<PickleObject>();
  const bool exception = object != nullptr && (object->type.name == "TashiException" ||
                                               object->type.module == "exceptions");
  return exception ? std::optional(refusalOf(*answer.root, *object)) : std::nullopt;
}

Result<TashiInstance> instanceOf(const PickleValue& value) {
  const auto* const object = value.as<PickleObject>();
  if (object == nullptr || object->type.name != "Instance") {
    return bad(value.kind() + " in the place of an instance");
  }
  const std::optional<std::int64_t> id = value.numberAt("id");
  const std::optional<std::int64_t> state = value.numberAt("state");
  const std::string* const name = value.textAt("name");
  if (!id) {
    return bad("an instance without an id");
  }
  if (!state || name == nullptr) {
    return bad("the instance " + std::to_string(*id) + " has no state or no name");
  }
  return TashiInstance{*id, *state, *name, firstIp(value), hintsIn(value)};
}

Result<std::vector<TashiInstance>> instancesOf(const Pickle& answer) {
  const auto* const items = answer.root->items();
  if (items == nullptr) {
    return bad(answer.root->kind() + " in the place of a list of instances");
  }
  std::vector<TashiInstance> instances;
  for (const PickleValue* const item : *items) {
    Result<TashiInstance> instance = instanceOf(*item);
    if (!instance) {
      return instance.error();
    }
    instances.push_back(*std::move(instance));
  }
  return instances;
}

std::string getInstancesArguments() {
  return pickleOf(pickledTuple({}));
}

std::string createVmArguments(const WantedInstance& wanted) {
  const std::string disk =
      pickledObject("DiskConfiguration",
                    {{"uri", pickledText(wanted.disk_uri)}, {"persistent", pickledBool(false)}});
  const std::string card =
      pickledObject("NetworkConfiguration",
                    {{"mac", pickledText(wanted.mac)}, {"network", pickledNumber(wanted.network)}});
  PickledFields hints;
  for (const auto& [name, value] : wanted.hints) {
    hints.emplace_back(name, pickledText(value));
  }
  return pickleOf(pickledTuple({pickledObject(
      "Instance", {{"name", pickledText(wanted.name)},
                   {"cores", pickledNumber(static_cast<std::int64_t>(wanted.cores))},
                   {"memory", pickledNumber(static_cast<std::int64_t>(wanted.memory_mib))},
                   {"disks", pickledList({disk})},
                   {"nics", pickledList({card})},
                   {"userId", pickledNumber(wanted.user_id)},
                   {"hints", pickledDict(hints)}})}));
}

std::string destroyVmArguments(std::int64_t id) {
  return pickleOf(pickledTuple({pickledNumber(id)}));
}

}  // namespace tango::vmms::tashi
