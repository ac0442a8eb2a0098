#include <string>

#include <doctest/doctest.h>

#include "autodriver/job.hpp"

namespace tango::autodriver {
namespace {

TEST_CASE("the job's environment has nothing of the caller's but what programs need") {
  const Account account{"autograde", 1, 1, "/home/autograde", ""};
  const auto job =
      jobEnvironment(account,
                     {"HOME=/home/autolab", "PATH=/opt/x:/bin", "LC_ALL=C", "AWS_SECRET=s",
                      "JAVA_HOME=/j", "XDG_CONFIG_HOME=/home/autolab/.config", "LANG=", "TZ",
                      "USER=autolab", "PYTHONPATH=" + std::string(5000, 'x')},
                     Inherit::kForPrograms);
  CHECK(job == std::vector<std::string>{"HOME=/home/autograde", "USER=autograde",
                                        "LOGNAME=autograde", "SHELL=/bin/sh", "PATH=/opt/x:/bin",
                                        "LC_ALL=C", "JAVA_HOME=/j"});
  CHECK(jobEnvironment(account, {}, Inherit::kForPrograms).back() ==
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

TEST_CASE("of a container's environment all is the job's but for who it is") {
  const Account account{"autograde", 1, 1, "/home/autograde", "/bin/bash"};
  const auto job = jobEnvironment(
      account, {"HOME=/root", "PATH=/opt/x:/bin", "COURSE=15-213", "HOSTNAME=tango", "USER=root"},
      Inherit::kAll);
  CHECK(job == std::vector<std::string>{"HOME=/home/autograde", "USER=autograde",
                                        "LOGNAME=autograde", "SHELL=/bin/bash", "PATH=/opt/x:/bin",
                                        "COURSE=15-213", "HOSTNAME=tango"});
}

}  // namespace
}  // namespace tango::autodriver
