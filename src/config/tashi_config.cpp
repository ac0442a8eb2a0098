#include "config/tashi_config.hpp"

#include <algorithm>

namespace tango::config {

std::vector<std::string> problemsOf(const TashiSsh& tashi) {
  std::vector<std::string> problems;
  if (!tashi.enabled) {
    return problems;
  }
  if (tashi.image_folder.empty()) {
    problems.emplace_back(
        "vmms.tashiSSH.image_folder is to be the folder with the disks of images, NAME.img");
  }
  if (tashi.by_ip && tashi.domain != TashiSsh().domain) {
    problems.emplace_back(
        "vmms.tashiSSH.domain is for address = \"name\": with \"ip\" no name is looked up");
  }
  return problems;
}

}  // namespace tango::config
