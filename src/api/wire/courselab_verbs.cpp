// open and upload.
#include "api/stored_upload.hpp"
#include "api/wire/verb.hpp"
#include "base/safe_path.hpp"
#include "base/utf8.hpp"

namespace tango::api::wire {
namespace {

// Autolab asks at each submission and skips the files whose md5 matches; of a courselab with very
// many files the oldest are left out, and then only uploaded once more.
constexpr std::size_t kFilesListedMax = 1000;

awaitable<Response> open(const Service& service, Request& request) {
  const std::string& lab = request.segments.at(2);
  if (const Result<void> named = base::checkComponent(lab, "courselab"); !named) {
    co_return bad(named.error().message());
  }
  const Result<store::Courselab> opened =
      co_await service.store.openCourselab(lab, kFilesListedMax);
  if (!opened) {
    co_return bad(opened.error().message());
  }
  boost::json::object files;
  for (const auto& [name, md5] : opened->files) {
    files[name] = md5;
  }
  co_return good(opened->created ? "Created directory" : "Found directory",
                 {{"files", std::move(files)}});
}

// The header's bytes are taken for UTF-8.
Result<std::string> fileNameOf(const Request& request) {
  const auto name = request.header("filename");
  if (!name) {
    return base::Error(base::ErrorKind::kInvalid, "the header Filename is missing");
  }
  if (base::replaceInvalidUtf8(*name) != *name) {
    return base::Error(base::ErrorKind::kInvalid, "the header Filename is not UTF-8");
  }
  if (const Result<void> named = base::checkComponent(*name, "Filename"); !named) {
    return named.error();
  }
  return std::string(*name);
}

Response badCourselab(const base::Error& error) {
  return bad(error.kind() == base::ErrorKind::kNotFound ? "Courselab not found" : error.message());
}

awaitable<Response> upload(const Service& service, Request& request) {
  const std::string& lab = request.segments.at(2);
  const Result<std::string> name = fileNameOf(request);
  if (!name) {
    co_return bad(name.error().message());
  }
  // Before the file is kept: nothing would ever use it.
  const Result<void> found = co_await service.store.findCourselab(lab);
  if (!found) {
    co_return badCourselab(found.error());
  }
  const Result<store::Blob> blob = co_await storeBody(service, *request.body);
  if (!blob) {
    co_return bad(blob.error().message());
  }
  const Result<store::PutFile> put =
      co_await service.store.putFile(lab, *name, *blob, service.now());
  if (!put) {
    co_return badCourselab(put.error());
  }
  co_return good(*put == store::PutFile::kSame ? "File exists" : "Uploaded file");
}

}  // namespace

void addCourselabVerbs(http::Router& router, const Service& service) {
  addVerb(router, service, "GET", "/open/{key}/{courselab}", open);
  addVerb(router, service, "POST", "/upload/{key}/{courselab}", upload);
}

}  // namespace tango::api::wire
