#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/prealloc_record.hpp"
#include "api/v1/capacity_json.hpp"
#include "api/v1/exchange.hpp"
#include "api/v1/handlers.hpp"
#include "api/v1/json_fields.hpp"
#include "api/v1/limits_json.hpp"
#include "base/utf8.hpp"
#include "model/limit_caps.hpp"

namespace tango::api::v1 {
namespace {

using base::ErrorKind;
using base::Result;
using boost::json::object;
using boost::json::value;

constexpr std::size_t kNameBytesMax = 255;
constexpr std::uint64_t kVmsMax = 1'000'000;

boost::json::array idsJson(const std::vector<std::int64_t>& ids) {
  return boost::json::array(ids.begin(), ids.end());
}

object poolJson(const pool::PoolView& pool) {
  return {{"vmms", pool.key.vmms},
          {"image", base::replaceInvalidUtf8(pool.key.machine.image)},
          {"machine", machineJson(pool.key.machine)},
          {"preallocated", pool.preallocated},
          {"total", idsJson(pool.total)},
          {"free", idsJson(pool.free)}};
}

object vmmsJson(const Service& service, const pool::BackendView& view) {
  const vmms::Backend* backend = service.registry.find(view.vmms);
  return {{"name", view.vmms},
          {"default", view.vmms == service.registry.default_vmms},
          {"capacity", capacityJson(view.capacity)},
          {"available", view.available ? value(capacityJson(*view.available)) : value(nullptr)},
          {"used", usedJson(view.used)},
          {"paused", view.paused},
          {"reason", view.paused ? value(base::replaceInvalidUtf8(view.reason)) : value(nullptr)},
          {"retry_in_ms", view.paused ? value(view.retry_in.count()) : value(nullptr)},
          {"live_output", backend != nullptr && backend->live_output != nullptr}};
}

OrProblem<PreallocRecord> readPool(const Service& service, const value& document) {
  std::optional<Problem> problem;
  JsonFields fields(document, "", problem);
  PreallocRecord wanted;
  model::MachineSpec& machine = wanted.key.machine;
  machine = service.config.machine;
  machine.image = fields.requiredText("image", 1, kNameBytesMax);
  wanted.key.vmms =
      service.registry.vmmsFor(fields.text("vmms", 1, kNameBytesMax).value_or(""), machine.image);
  readMachine(fields, problem, machine);
  const std::optional<std::uint64_t> vms = fields.whole("vms", 0, kVmsMax);
  if (!vms) {
    fields.fail("vms", "is missing");
  }
  wanted.vms = vms.value_or(0);
  fields.finish();
  if (problem) {
    return *std::move(problem);
  }
  return wanted;
}

Problem unprocessable(std::string field, const std::string& detail) {
  Problem problem = badField(std::move(field), detail);
  problem.status = 422;
  return problem;
}

/// Whether VMs of this kind may be made at all. None are, if none are to be kept.
awaitable<std::optional<Problem>> checkPool(const Service& service, PreallocRecord wanted) {
  const vmms::Backend* backend = service.registry.find(wanted.key.vmms);
  if (backend == nullptr) {
    co_return unprocessable("vmms", "there is no VMMS '" + wanted.key.vmms + "'");
  }
  if (wanted.vms == 0) {
    co_return std::nullopt;
  }
  model::Job job;
  job.machine = wanted.key.machine;
  job.limits = service.config.limits;
  if (const Result<void> allowed = model::checkCaps(job, service.config.caps); !allowed) {
    co_return unprocessable("machine", allowed.error().message());
  }
  if (backend->images != nullptr) {
    const Result<void> found = co_await backend->images->findImage(wanted.key.machine.image);
    if (vmms::isMissing(found)) {
      co_return unprocessable("image", found.error().message());
    }
  }
  co_return std::nullopt;
}

}  // namespace

awaitable<Response> listPools(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  boost::json::array list;
  for (const pool::PoolView& pool : service.pools.view()) {
    list.push_back(poolJson(pool));
  }
  co_return answer(200, object{{"pools", std::move(list)}});
}

awaitable<Response> setPool(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  OrProblem<value> document = co_await readJson(request);
  if (auto* problem = std::get_if<Problem>(&document)) {
    co_return answer(std::move(*problem));
  }
  OrProblem<PreallocRecord> read = readPool(service, std::get<value>(document));
  if (auto* problem = std::get_if<Problem>(&read)) {
    co_return answer(std::move(*problem));
  }
  const PreallocRecord wanted = std::get<PreallocRecord>(read);
  std::optional<Problem> refused = co_await checkPool(service, wanted);
  if (refused) {
    co_return answer(*std::move(refused));
  }
  const Result<void> kept = service.pools.preallocate(wanted.key, wanted.vms);
  if (!kept) {
    co_return answer(kept.error().kind() == ErrorKind::kTooLarge
                         ? unprocessable("vms", kept.error().message())
                         : problemOf(kept.error()));
  }
  auto [key, text] = encodePrealloc(wanted);
  const Result<void> stored =
      co_await service.store.setPreallocation(std::move(key), std::move(text));
  if (!stored) {
    co_return answer(problemOf(stored.error()));
  }
  const std::vector<pool::PoolView> pools = service.pools.view();
  const auto found = std::ranges::find(pools, wanted.key, &pool::PoolView::key);
  co_return answer(
      200,
      poolJson(found == pools.end() ? pool::PoolView{wanted.key, wanted.vms, {}, {}} : *found));
}

awaitable<Response> listVmms(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  boost::json::array list;
  for (const pool::BackendView& view : service.pools.backends()) {
    list.push_back(vmmsJson(service, view));
  }
  co_return answer(200, object{{"vmms", std::move(list)}});
}

}  // namespace tango::api::v1
