// What a receiver gets, and what follows from its answers.
#include <atomic>
#include <mutex>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "unit/http/scripted_server.hpp"
#include "unit/notify/outbox.hpp"

using namespace tango::test;
using namespace std::chrono_literals;
using tango::base::Error;
using tango::base::ErrorKind;
using tango::base::Millis;
using tango::notify::NotifierConfig;
using tango::store::Callback;

namespace {

NotifierConfig patient() {
  NotifierConfig config;
  config.attempt_timeout = 120s;
  return config;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Answers each callback in its turn: the last of `answers` for ever.
class Receiver {
 public:
  explicit Receiver(std::vector<std::string> answers, const Identity* identity = nullptr)
      : answers_(std::move(answers)), server_([this](Peer& peer) { serve(peer); }, identity) {}

  [[nodiscard]] std::string url(const std::string& target = "/") const {
    return server_.url(target);
  }
  [[nodiscard]] std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return received_.size();
  }
  [[nodiscard]] Asked received(std::size_t number) {
    const std::scoped_lock lock(mutex_);
    return received_.at(number);
  }

 private:
  void serve(Peer& peer) {
    for (Asked asked = peer.read(); !asked.head.empty(); asked = peer.read()) {
      std::string answer;
      {
        const std::scoped_lock lock(mutex_);
        answer = answers_[std::min(received_.size(), answers_.size() - 1)];
        received_.push_back(std::move(asked));
      }
      if (answer.empty()) {
        return;
      }
      peer.write(answer);
    }
  }

  const std::vector<std::string> answers_;
  std::mutex mutex_;
  std::vector<Asked> received_;
  ScriptedServer server_;
};

std::string status(const std::string& line, const std::string& more = "") {
  return "HTTP/1.1 " + line + "\r\n" + more + "Content-Length: 0\r\n\r\n";
}

// What comes of a callback whose receiver always answers so, when it is given up.
Callback givenUpBy(Outbox& outbox, std::int64_t job) {
  for (;;) {
    const auto owed = outbox.owed();
    REQUIRE(owed.contains(job));
    if (owed.at(job).given_up) {
      return owed.at(job);
    }
    if (owed.at(job).due > outbox.now()) {
      outbox.advance(Millis(owed.at(job).due - outbox.now()));
    }
  }
}

}  // namespace

TEST_CASE("a callback is a POST of one form part, the output file byte for byte") {
  Receiver receiver({status("200 OK")});
  Outbox outbox(patient());
  const std::string content = std::string("a\xff\r\n\0--tango\r\n", 13) + std::string(500'000, 'z');
  outbox.owe(receiver.url("/scores?key=s%20&id=1"), content, "J\xc3\xb6hn's file.txt");
  outbox.start();
  outbox.untilAllSent();
  const Asked asked = receiver.received(0);
  CHECK(asked.head.starts_with("POST /scores?key=s%20&id=1 HTTP/1.1\r\n"));
  CHECK(asked.header("Filename") == "J\xc3\xb6hn's file.txt");
  const std::string type = asked.header("Content-Type");
  const std::string start = "multipart/form-data; boundary=";
  REQUIRE(type.starts_with(start));
  const std::string boundary = type.substr(start.size());
  CHECK(asked.body == "--" + boundary +
                          "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n"
                          "\r\n" +
                          content + "\r\n--" + boundary + "--\r\n");
}

TEST_CASE("an empty output file is sent too and each callback has a boundary of its own") {
  Receiver receiver({status("204 No Content")});
  Outbox outbox(patient());
  outbox.owe(receiver.url(), "");
  outbox.owe(receiver.url(), "");
  outbox.start();
  outbox.untilAllSent();
  REQUIRE(receiver.count() == 2);
  CHECK(receiver.received(0).header("Content-Type") != receiver.received(1).header("Content-Type"));
}

TEST_CASE("a callback is not sent before it is due") {
  Receiver receiver({status("200 OK")});
  Outbox outbox(patient());
  const std::int64_t later = outbox.owe(receiver.url("/later"), "", "out", kThen + 600'000);
  outbox.start();
  outbox.owe(receiver.url("/now"));
  outbox.wake();
  outbox.until([&] { return outbox.owed().size() == 1; });
  CHECK(outbox.owed().contains(later));
  CHECK(receiver.count() == 1);
  outbox.advance(600s);
  outbox.untilAllSent();
  CHECK(receiver.count() == 2);
}

TEST_CASE("a callback is sent by itself when it becomes due") {
  const Receiver receiver({status("200 OK")});
  Outbox outbox(patient());
  outbox.owe(receiver.url(), "", "out", kThen + 20);
  outbox.start();
  CHECK(outbox.owed().size() == 1);
  outbox.advanceQuietly(20ms);
  outbox.untilAllSent();
}

TEST_CASE("a callback is sent though the clock is set back by years") {
  Receiver receiver({status("503 No"), status("200 OK")});
  Outbox outbox(patient());
  const std::int64_t job = outbox.owe(receiver.url());
  outbox.start();
  CHECK(outbox.afterAttempts(job, 1).due > outbox.now());
  outbox.advance(-24h * 3650);
  outbox.untilAllSent();
  CHECK(receiver.count() == 2);
}

TEST_CASE("what fails for now is tried again with growing pauses") {
  Receiver receiver({status("500 No"), status("503 No", "Connection: close\r\n"), "",
                     "garbage\r\n\r\n", status("408 No"), status("429 No"), status("200 OK")});
  Outbox outbox(patient());
  const std::int64_t job = outbox.owe(receiver.url("/?key=secret"));
  outbox.start();
  Millis pause = 2s;
  for (int attempts = 1; attempts <= 6; ++attempts) {
    const Callback failed = outbox.afterAttempts(job, attempts);
    CHECK(!failed.given_up);
    CHECK(!failed.last_error.empty());
    CHECK(!has(failed.last_error, "secret"));
    CHECK(failed.due >= outbox.now() + (pause / 2).count());
    CHECK(failed.due <= outbox.now() + pause.count());
    outbox.advance(pause);
    pause *= 2;
  }
  outbox.untilAllSent();
  CHECK(receiver.count() == 7);
}

TEST_CASE("a receiver's Retry-After is kept to") {
  const Receiver receiver({status("503 No", "Retry-After: 100\r\n"), status("200 OK")});
  Outbox outbox(patient());
  const std::int64_t job = outbox.owe(receiver.url());
  outbox.start();
  const Callback failed = outbox.afterAttempts(job, 1);
  CHECK(failed.due >= outbox.now() + 100'000);
  CHECK(failed.due <= outbox.now() + 102'000);
  outbox.advance(102s);
  outbox.untilAllSent();
}

TEST_CASE("ten refusals in a row are the end of a callback") {
  for (const char* refusal : {"404 Not Found", "401 Unauthorized", "302 Found"}) {
    Receiver receiver({status(refusal, "Location: http://127.0.0.1:1/secret\r\n")});
    Outbox outbox(patient());
    const std::int64_t job = outbox.owe(receiver.url("/?key=secret"));
    outbox.start();
    const Callback end = givenUpBy(outbox, job);
    CHECK(end.attempts == 10);
    CHECK(has(end.last_error, std::string(refusal).substr(0, 3)));
    CHECK(!has(end.last_error, "secret"));
    CHECK(receiver.count() == 10);
  }
}

TEST_CASE("refusals count only in a row") {
  std::vector<std::string> answers(9, status("404 No"));
  answers.push_back(status("503 No"));
  answers.insert(answers.end(), 9, status("404 No"));
  answers.push_back(status("200 OK"));
  Receiver receiver(answers);
  Outbox outbox(patient());
  const std::int64_t job = outbox.owe(receiver.url());
  outbox.start();
  for (int attempts = 1; attempts < 20; ++attempts) {
    CHECK(!outbox.afterAttempts(job, attempts).given_up);
    outbox.advance(600s);
  }
  outbox.untilAllSent();
  CHECK(receiver.count() == 20);
}

TEST_CASE("a callback is given up when its time is over") {
  const Receiver receiver({status("500 No")});
  NotifierConfig config = patient();
  config.give_up_after = 60s;
  Outbox outbox(config);
  const std::int64_t job = outbox.owe(receiver.url());
  outbox.start();
  const Callback end = givenUpBy(outbox, job);
  CHECK(end.attempts >= 5);
  CHECK(outbox.now() <= kThen + 60'000);
}

TEST_CASE("a callback that was owed through a long outage of the service is still tried") {
  Receiver receiver({status("200 OK")});
  Outbox outbox(patient());
  outbox.owe(receiver.url());
  outbox.advance(240h);
  outbox.start();
  outbox.untilAllSent();
  CHECK(receiver.count() == 1);
}

TEST_CASE("2xx is success whatever follows it") {
  const std::string body(200'000, 'b');
  Receiver receiver({"HTTP/1.1 200 OK\r\n\r\n" + body,
                     "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
                     "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\ngarbage\r\n"});
  NotifierConfig config = patient();
  config.at_once_max = 1;
  Outbox outbox(config);
  for (int each = 0; each < 3; ++each) {
    outbox.owe(receiver.url());
  }
  outbox.start();
  outbox.untilAllSent();
  CHECK(receiver.count() == 3);
}

TEST_CASE("a job without an output file has no callback and one that cannot be read now has") {
  Receiver receiver({status("200 OK")});
  Outbox outbox(patient());
  const std::int64_t gone = outbox.owe(receiver.url());
  const std::int64_t unreadable = outbox.owe(receiver.url());
  outbox.spoilOutput(gone, Error(ErrorKind::kNotFound, "no such file"));
  outbox.spoilOutput(unreadable, Error(ErrorKind::kSystem, "too many open files"));
  outbox.start();
  const Callback end = outbox.afterAttempts(gone, 1);
  CHECK(end.given_up);
  CHECK(has(end.last_error, "no such file"));
  const Callback later = outbox.afterAttempts(unreadable, 1);
  CHECK(!later.given_up);
  CHECK(has(later.last_error, "too many open files"));
  CHECK(receiver.count() == 0);
}

TEST_CASE("what cannot be sent is given up at once and nothing of it is sent") {
  Receiver receiver({status("200 OK")});
  Outbox outbox(patient());
  std::vector<std::int64_t> jobs;
  for (const std::string& name :
       {std::string("a\r\nX-Forged: 1"), std::string("a\nb"), std::string("a\rb"),
        std::string("\x1b[2J"), std::string("a\tb")}) {
    jobs.push_back(outbox.owe(receiver.url(), "content", name));
  }
  for (const char* url :
       {"gopher://host/", "http://user:secret@host/", "http://host:0/", "nothing"}) {
    jobs.push_back(outbox.owe(url));
  }
  outbox.start();
  for (const std::int64_t job : jobs) {
    const Callback end = outbox.afterAttempts(job, 1);
    CHECK(end.given_up);
    CHECK(!end.last_error.empty());
    CHECK(!has(end.last_error, "secret"));
  }
  CHECK(receiver.count() == 0);
}

TEST_CASE("a host that may not be called back is not, whatever its name leads to") {
  Receiver receiver({status("200 OK")});
  NotifierConfig config = patient();
  config.allowed_hosts = {"front.test"};
  Outbox outbox(config);
  const std::int64_t job = outbox.owe(receiver.url());
  outbox.start();
  const Callback failed = outbox.afterAttempts(job, 1);
  CHECK(has(failed.last_error, "may not be called back"));
  CHECK(receiver.count() == 0);
}

TEST_CASE("a receiver with a certificate of the given authority is called back over TLS") {
  TestCa ca;
  const Identity identity = ca.certify("IP:127.0.0.1");
  Receiver receiver({status("200 OK")}, &identity);
  {
    Outbox outbox(patient());
    const std::int64_t job = outbox.owe(receiver.url());
    outbox.start();
    CHECK(has(outbox.afterAttempts(job, 1).last_error, "certificate"));
    CHECK(receiver.count() == 0);
  }
  NotifierConfig config = patient();
  config.ca_file = ca.file();
  Outbox outbox(config);
  outbox.owe(receiver.url());
  outbox.start();
  outbox.untilAllSent();
  CHECK(receiver.count() == 1);
}

TEST_CASE("the log has neither the URL nor the answer of a callback") {
  const tango::base::UniqueFd log(::memfd_create("log", MFD_CLOEXEC));
  const tango::base::UniqueFd before(::dup(STDERR_FILENO));
  ::dup2(log.get(), STDERR_FILENO);
  {
    const Receiver receiver(
        {"HTTP/1.1 404 secret\r\nX: secret\r\nContent-Length: 6\r\n\r\nsecret"});
    Outbox outbox(patient());
    const std::int64_t refused = outbox.owe(receiver.url("/secret?key=secret"));
    const std::int64_t closed = outbox.owe("http://127.0.0.1:1/secret?key=secret");
    const std::int64_t wrong = outbox.owe("http://secret:secret@127.0.0.1/");
    outbox.start();
    for (const std::int64_t job : {refused, closed, wrong}) {
      outbox.afterAttempts(job, 1);
    }
  }
  ::dup2(before.get(), STDERR_FILENO);
  std::string text(100'000, '\0');
  const ssize_t got = ::pread(log.get(), text.data(), text.size(), 0);
  REQUIRE(got > 0);
  text.resize(static_cast<std::size_t>(got));
  CHECK(has(text, "callback of job"));
  CHECK(has(text, "127.0.0.1:1"));
  CHECK(!has(text, "secret"));
}
