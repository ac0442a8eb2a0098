#define DOCTEST_CONFIG_IMPLEMENT
#include "unit/ec2/clouds.hpp"

namespace tango::test {
namespace {
Region* started = nullptr;
}  // namespace

Region& region() {
  return *started;
}

vmms::ec2::Ec2Config Fresh::plain() {
  vmms::ec2::Ec2Config all;
  all.owner = "cs";
  all.region = region().told("region");
  all.endpoint = region().told("ec2");
  all.credentials.access_key_id = region().told("access_key_id");
  all.credentials.secret_access_key = region().told("secret_access_key");
  all.checkip_url = region().told("control") + "/checkip";
  all.key_folder = folder.path() / "keys";
  all.call_max = base::Millis(20'000);
  return all;
}

int runTests(int count, char** arguments) {
  Region one;
  started = &one;
  doctest::Context tests(count, arguments);
  return tests.run();
}

}  // namespace tango::test

int main(int count, char** arguments) {
  return tango::test::runTests(count, arguments);
}
