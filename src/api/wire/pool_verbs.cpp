// pool, prealloc and build.
#include <cmath>

#include "api/prealloc_record.hpp"
#include "api/stored_upload.hpp"
#include "api/wire/prealloc_body.hpp"
#include "api/wire/verb.hpp"

namespace tango::api::wire {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kBodyMax = 64 * 1024;
constexpr std::int64_t kPreallocMax = 100'000;

void append(json::object& pool, const char* name, const std::vector<std::int64_t>& ids) {
  json::array& all = pool[name].is_array() ? pool[name].get_array() : pool[name].emplace_array();
  all.insert(all.end(), ids.begin(), ids.end());
}

// Pools of one image that differ otherwise are one to the wire.
json::object poolsOf(const Service& service) {
  json::object pools;
  for (const pool::PoolView& view : service.pools.view()) {
    json::value& pool = pools[view.key.machine.image];
    json::object& object = pool.is_object() ? pool.get_object() : pool.emplace_object();
    append(object, "total", view.total);
    append(object, "free", view.free);
  }
  return pools;
}

awaitable<Response> pool(const Service& service, Request& request) {
  json::object pools = poolsOf(service);
  if (request.segments.size() < 3) {
    co_return good("Found all pools", {{"pools", std::move(pools)}});
  }
  const std::string& image = request.segments.at(2);
  const json::value* one = pools.if_contains(image);
  if (one == nullptr) {
    co_return answer(
        {{"statusId", -1}, {"statusMsg", "Pool not found"}, {"pools", std::move(pools)}});
  }
  co_return good("Found pool", {{"pools", json::object{{image, *one}}}});
}

awaitable<Result<void>> keepReady(const Service& service, PreallocRecord record) {
  const Result<void> kept = service.pools.preallocate(record.key, record.vms);
  if (!kept) {
    co_return kept;
  }
  const auto [key, value] = encodePrealloc(record);
  Result<void> stored = co_await service.store.setPreallocation(key, value);
  co_return stored;
}

// The wire knows one pool an image: other VMs of it that were asked for before are no longer kept.
awaitable<Result<void>> dropOthers(const Service& service, pool::PoolKey key) {
  for (const pool::PoolView& view : service.pools.view()) {
    if (view.preallocated == 0 || view.key == key || view.key.vmms != key.vmms ||
        view.key.machine.image != key.machine.image) {
      continue;
    }
    const Result<void> dropped = co_await keepReady(service, {view.key, 0});
    if (!dropped) {
      co_return dropped;
    }
  }
  co_return Result<void>();
}

awaitable<bool> isImage(const Service& service, const pool::PoolKey& key) {
  const vmms::Backend* backend = service.registry.find(key.vmms);
  if (backend == nullptr || key.machine.image.empty()) {
    co_return false;
  }
  if (backend->images == nullptr) {
    co_return true;
  }
  const Result<void> found = co_await backend->images->findImage(key.machine.image);
  co_return !vmms::isMissing(found);
}

std::uint64_t whole(double amount, std::uint64_t unit) {
  return static_cast<std::uint64_t>(std::ceil(amount * static_cast<double>(unit)));
}

pool::PoolKey keyOf(const Service& service, const std::string& image, const PreallocBody& wanted) {
  pool::PoolKey key;
  key.machine = service.config.machine;
  key.machine.image = image;
  key.machine.network = key.machine.network && service.config.caps.network;
  if (wanted.cores) {
    constexpr std::uint64_t kCore = 1000;
    key.machine.cpu_millis = whole(*wanted.cores, kCore);
  }
  if (wanted.memory_mb) {
    key.machine.memory_bytes = whole(*wanted.memory_mb, model::kMiB);
  }
  // Tango takes no notice of this field, so its clients may name one of Tango's.
  const bool known = service.registry.find(wanted.vmms) != nullptr;
  key.vmms = service.registry.vmmsFor(known ? wanted.vmms : "", image);
  return key;
}

Response notKept(const base::Error& error) {
  return bad(error.kind() == base::ErrorKind::kTooLarge ? "Invalid prealloc size"
                                                        : error.message());
}

awaitable<Response> prealloc(const Service& service, Request& request) {
  const Result<std::int64_t> count = numberFrom(request.segments.at(3), "num");
  if (!count || *count > kPreallocMax) {
    co_return bad("Invalid prealloc size");
  }
  const Result<std::string> text = co_await request.body->readAll(kBodyMax);
  if (!text) {
    co_return bad(text.error().message());
  }
  const Result<PreallocBody> wanted = preallocBodyOf(*text);
  if (!wanted) {
    co_return bad(wanted.error().message());
  }
  const PreallocRecord record{keyOf(service, request.segments.at(2), *wanted),
                              static_cast<std::uint64_t>(*count)};
  const bool known = co_await isImage(service, record.key);
  if (!known) {
    co_return bad("Invalid image name");
  }
  if (const Result<void> fits = service.pools.checkFits(record.key); !fits) {
    co_return notKept(fits.error());
  }
  const Result<void> kept = co_await keepReady(service, record);
  if (!kept) {
    co_return notKept(kept.error());
  }
  const Result<void> dropped = co_await dropOthers(service, record.key);
  co_return dropped ? good("VMs preallocated") : bad(dropped.error().message());
}

Response buildFailed(const std::string& reason) {
  return answer({{"statusId", -1}, {"statusMsg", "Image build failed"}, {"reason", reason}});
}

awaitable<Response> build(const Service& service, Request& request) {
  const auto name = request.header("imagename");
  if (!name || name->empty()) {
    co_return buildFailed("the header imageName is missing");
  }
  const std::string image(*name);
  const std::string vmms = service.registry.vmmsFor("", image);
  const vmms::Backend* backend = service.registry.find(vmms);
  if (backend == nullptr || backend->images == nullptr) {
    co_return buildFailed("the VMMS " + vmms + " makes no images");
  }
  const Result<store::Blob> blob = co_await storeBody(service, *request.body);
  if (!blob) {
    co_return buildFailed(blob.error().message());
  }
  // Noted, so that it is collected once it is no longer young.
  const Result<void> noted = co_await service.store.putBlob(*blob, service.now());
  if (!noted) {
    co_return buildFailed(noted.error().message());
  }
  const Result<void> built =
      co_await backend->images->buildImage(image, service.blobs.path(blob->sha256));
  if (!built) {
    co_return buildFailed(built.error().message());
  }
  if (!backend->images_watched) {
    service.pools.renewImage(vmms, image);
  }
  co_return good("Docker image built");
}

}  // namespace

void addPoolVerbs(http::Router& router, const Service& service) {
  addVerb(router, service, "GET", "/pool/{key}", pool);
  addVerb(router, service, "GET", "/pool/{key}/{image}", pool);
  addVerb(router, service, "POST", "/prealloc/{key}/{image}/{num}", prealloc);
  addVerb(router, service, "GET", "/prealloc/{key}/{image}/{num}", prealloc);
  addVerb(router, service, "POST", "/build/{key}", build);
}

}  // namespace tango::api::wire
