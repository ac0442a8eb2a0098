#include "model/vm.hpp"

#include <doctest/doctest.h>

namespace tango::model {
namespace {

TEST_CASE("a VM's name can name a container, whatever the image is called") {
  CHECK(VmName{"local", 1000, "autograding_image"}.text() == "local-1000-autograding_image");
  CHECK(VmName{"tango", 7, "registry:5000/a/b@sha256:0"}.text() ==
        "tango-7-registry_5000_a_b_sha256_0");
}

}  // namespace
}  // namespace tango::model
