#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/stored_upload.hpp"
#include "api/v1/exchange.hpp"
#include "api/v1/handlers.hpp"
#include "api/v1/json_fields.hpp"
#include "base/utf8.hpp"

namespace tango::api::v1 {
namespace {

using base::Result;

constexpr std::size_t kBlobIdsMax = 10'000;
// Where the segments of "/v1/courselabs/{lab}/files/{name}" and "/v1/blobs/{sha256}" are.
constexpr std::size_t kLabSegment = 2;
constexpr std::size_t kFileSegment = 4;
constexpr std::size_t kBlobSegment = 2;

boost::json::object fileJson(const std::string& name, const store::Blob& blob) {
  return {{"name", base::replaceInvalidUtf8(name)},
          {"sha256", blob.sha256},
          {"md5", blob.md5},
          {"bytes", blob.bytes}};
}

OrProblem<std::vector<std::string>> readBlobIds(const boost::json::value& document) {
  std::optional<Problem> problem;
  JsonFields fields(document, "", problem);
  const boost::json::array* listed = fields.array("sha256", kBlobIdsMax);
  if (listed == nullptr) {
    fields.fail("sha256", "is missing");
  }
  fields.finish();
  std::vector<std::string> ids;
  for (std::size_t at = 0; !problem && at < listed->size(); ++at) {
    const boost::json::value& value = (*listed)[at];
    if (!value.is_string() || !files::isSha256(std::string(value.get_string()))) {
      fields.fail("sha256[" + std::to_string(at) + "]", "must be 64 lower-case hex digits");
      break;
    }
    ids.emplace_back(value.get_string());
  }
  if (problem) {
    return *std::move(problem);
  }
  return ids;
}

/// The courselab of a request that has no query string.
OrProblem<std::string> labOf(const Request& request) {
  if (auto problem = unknownQuery(request)) {
    return *std::move(problem);
  }
  return componentAt(request, kLabSegment, "lab");
}

}  // namespace

awaitable<Response> putBlob(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  const std::string wanted = request.segments.at(kBlobSegment);
  if (!files::isSha256(wanted)) {
    co_return answer(badField("sha256", "sha256 must be 64 lower-case hex digits"));
  }
  const Result<std::vector<std::string>> known = co_await service.store.knownBlobs({wanted});
  if (!known) {
    co_return answer(problemOf(known.error()));
  }
  const Result<store::Blob> blob = co_await storeBody(service, *request.body);
  if (!blob) {
    co_return answer(uploadProblem(blob.error()));
  }
  // Noted also if it is another one than was said: else nobody would ever remove it.
  const Result<void> noted = co_await service.store.putBlob(*blob, service.now());
  if (!noted) {
    co_return answer(problemOf(noted.error()));
  }
  if (blob->sha256 != wanted) {
    Problem problem = badField("sha256", "the content that came has the SHA-256 " + blob->sha256);
    problem.status = 422;
    co_return answer(std::move(problem));
  }
  co_return answer(known->empty() ? 201 : 200,
                   boost::json::object{{"sha256", blob->sha256}, {"bytes", blob->bytes}});
}

awaitable<Response> findMissingBlobs(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  OrProblem<boost::json::value> document = co_await readJson(request);
  if (auto* problem = std::get_if<Problem>(&document)) {
    co_return answer(std::move(*problem));
  }
  OrProblem<std::vector<std::string>> read = readBlobIds(std::get<boost::json::value>(document));
  if (auto* problem = std::get_if<Problem>(&read)) {
    co_return answer(std::move(*problem));
  }
  const auto& ids = std::get<std::vector<std::string>>(read);
  Result<std::vector<std::string>> known = co_await service.store.knownBlobs(ids);
  if (!known) {
    co_return answer(problemOf(known.error()));
  }
  std::sort(known->begin(), known->end());
  boost::json::array missing;
  for (const std::string& id : ids) {
    if (!std::binary_search(known->begin(), known->end(), id)) {
      missing.emplace_back(id);
    }
  }
  co_return answer(200, boost::json::object{{"missing", std::move(missing)}});
}

awaitable<Response> listCourselabs(const Service& service, Request& request) {
  if (auto problem = unknownQuery(request)) {
    co_return answer(*std::move(problem));
  }
  const Result<std::vector<std::string>> names = co_await service.store.courselabs();
  if (!names) {
    co_return answer(problemOf(names.error()));
  }
  boost::json::array list;
  for (const std::string& name : *names) {
    list.emplace_back(base::replaceInvalidUtf8(name));
  }
  co_return answer(200, boost::json::object{{"courselabs", std::move(list)}});
}

awaitable<Response> openCourselab(const Service& service, Request& request) {
  OrProblem<std::string> lab = labOf(request);
  if (auto* problem = std::get_if<Problem>(&lab)) {
    co_return answer(std::move(*problem));
  }
  const std::string name = std::get<std::string>(lab);
  const Result<store::Courselab> opened = co_await service.store.openCourselab(name, 0);
  if (!opened) {
    co_return answer(problemOf(opened.error()));
  }
  co_return answer(opened->created ? 201 : 200, boost::json::object{{"name", name}});
}

awaitable<Response> listCourselabFiles(const Service& service, Request& request) {
  OrProblem<std::string> lab = labOf(request);
  if (auto* problem = std::get_if<Problem>(&lab)) {
    co_return answer(std::move(*problem));
  }
  const Result<std::map<std::string, store::Blob>> files =
      co_await service.store.files(std::get<std::string>(lab));
  if (!files) {
    co_return answer(problemOf(files.error()));
  }
  boost::json::array list;
  for (const auto& [name, blob] : *files) {
    list.push_back(fileJson(name, blob));
  }
  co_return answer(200, boost::json::object{{"files", std::move(list)}});
}

awaitable<Response> putCourselabFile(const Service& service, Request& request) {
  OrProblem<std::string> lab = labOf(request);
  if (auto* problem = std::get_if<Problem>(&lab)) {
    co_return answer(std::move(*problem));
  }
  OrProblem<std::string> file = componentAt(request, kFileSegment, "name");
  if (auto* problem = std::get_if<Problem>(&file)) {
    co_return answer(std::move(*problem));
  }
  const std::string courselab = std::get<std::string>(lab);
  const std::string name = std::get<std::string>(file);
  const Result<void> there = co_await service.store.findCourselab(courselab);
  if (!there) {
    co_return answer(problemOf(there.error()));
  }
  const Result<store::Blob> blob = co_await storeBody(service, *request.body);
  if (!blob) {
    co_return answer(uploadProblem(blob.error()));
  }
  const Result<store::PutFile> put =
      co_await service.store.putFile(courselab, name, *blob, service.now());
  if (!put) {
    co_return answer(problemOf(put.error()));
  }
  co_return answer(*put == store::PutFile::kSame ? 200 : 201, fileJson(name, *blob));
}

}  // namespace tango::api::v1
