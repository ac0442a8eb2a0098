#include "vmms/sandbox/root_plan.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

namespace tango::vmms {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using sandbox::JobUser;
using sandbox::RootPlan;
namespace fs = std::filesystem;

// The machine's own tree, as far as a job may see it. On a merged-/usr host all but /usr and /opt
// are links into /usr.
constexpr std::array kHostFolders = {"/usr",   "/bin",   "/sbin",   "/lib",
                                     "/lib32", "/lib64", "/libx32", "/opt"};

// Of /etc only what compilers, interpreters and libraries read; no keys, no accounts, no services.
constexpr std::array kHostEtc = {"/etc/alternatives",
                                 "/etc/bash.bashrc",
                                 "/etc/debian_version",
                                 "/etc/fonts",
                                 "/etc/ld.so.cache",
                                 "/etc/ld.so.conf",
                                 "/etc/ld.so.conf.d",
                                 "/etc/locale.alias",
                                 "/etc/localtime",
                                 "/etc/magic",
                                 "/etc/magic.mime",
                                 "/etc/mime.types",
                                 "/etc/os-release",
                                 "/etc/perl",
                                 "/etc/profile",
                                 "/etc/protocols",
                                 "/etc/python3",
                                 "/etc/python3.11",
                                 "/etc/R",
                                 "/etc/rpc",
                                 "/etc/services",
                                 "/etc/shells",
                                 "/etc/ssl/certs",
                                 "/etc/ssl/openssl.cnf",
                                 "/etc/texmf",
                                 "/etc/timezone",
                                 "/etc/xattr.conf",
                                 "/etc/gdb",
                                 "/etc/inputrc",
                                 "/etc/maven",
                                 "/etc/java-11-openjdk",
                                 "/etc/java-17-openjdk",
                                 "/etc/java-21-openjdk",
                                 "/etc/ImageMagick-6"};

// What a sandbox makes itself, whatever an image has there.
constexpr std::array kOwnFolders = {".tango", "dev", "home", "proc", "sys", "tmp"};

bool exists(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

bool isLink(const fs::path& path) {
  std::error_code failure;
  return fs::is_symlink(path, failure);
}

// What is copied into a root, all in all: a plan is one packet (sandbox/protocol.hpp).
constexpr std::uintmax_t kCopiedBytesMax = 48 * 1024;
constexpr std::uintmax_t kCopiedFileBytesMax = 16 * 1024;
constexpr std::size_t kCopiedEntriesMax = 16;

std::uintmax_t bytesOf(const RootPlan& plan) {
  std::uintmax_t sum = 0;
  for (const RootPlan::File& file : plan.files) {
    sum += file.content.size();
  }
  return sum;
}

// Adds a copy of the small file at `path`; false where it would not be the same to a job.
bool copyFile(RootPlan& copy, const fs::path& path) {
  constexpr fs::perms kRuns =
      fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  std::error_code failure;
  const fs::perms rights = fs::status(path, failure).permissions();
  const bool same =
      (rights & fs::perms::others_read) != fs::perms::none && (rights & kRuns) == fs::perms::none;
  if (failure || !same || fs::file_size(path, failure) > kCopiedFileBytesMax || failure) {
    return false;
  }
  std::ifstream file(path, std::ios::binary);
  copy.files.push_back({path, {std::istreambuf_iterator<char>(file), {}}});
  return file.good() || file.eof();
}

// The same of a folder with few entries.
bool copyFolder(RootPlan& copy, const fs::path& path) {
  copy.folders.push_back(path);
  std::error_code failure;
  std::size_t entries = 0;
  for (fs::recursive_directory_iterator entry(path, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const fs::file_type type = entry->symlink_status(failure).type();
    if (++entries > kCopiedEntriesMax) {
      return false;
    }
    if (type == fs::file_type::symlink) {
      copy.links.push_back({fs::read_symlink(entry->path(), failure), entry->path()});
    } else if (type == fs::file_type::directory) {
      copy.folders.push_back(entry->path());
    } else if (type != fs::file_type::regular || !copyFile(copy, entry->path())) {
      return false;
    }
  }
  return !failure;
}

// A bind costs each job its share, since its mount namespace has a copy of every mount; a file of
// the root's own costs a slot once. So what is small is copied. It is as old as the slot, which a
// file that is bound alone is too: it is replaced by a new one, not written to.
void show(RootPlan& plan, const fs::path& path) {
  RootPlan copy;
  const bool copied = fs::is_directory(path) ? copyFolder(copy, path)
                                             : fs::is_regular_file(path) && copyFile(copy, path);
  if (!copied || bytesOf(plan) + bytesOf(copy) > kCopiedBytesMax) {
    plan.binds.push_back({path, path});
    return;
  }
  std::ranges::move(copy.folders, std::back_inserter(plan.folders));
  std::ranges::move(copy.files, std::back_inserter(plan.files));
  std::ranges::move(copy.links, std::back_inserter(plan.links));
}

std::string accounts(JobUser user) {
  const std::string ids = std::to_string(user.uid) + ":" + std::to_string(user.gid);
  return "root:x:0:0:root:/root:/usr/sbin/nologin\n"
         "autograde:x:" +
         ids +
         ":autograde:/home/autograde:/bin/sh\n"
         "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
}

std::string groups(JobUser user) {
  return "root:x:0:\nautograde:x:" + std::to_string(user.gid) + ":\nnogroup:x:65534:\n";
}

}  // namespace

RootPlan hostRootPlan(JobUser user) {
  RootPlan plan;
  plan.folders = {"/etc", "/etc/ssl", "/root", "/run", "/var", "/var/lib", "/var/tmp"};
  plan.files = {{"/etc/passwd", accounts(user)},
                {"/etc/group", groups(user)},
                {"/etc/hostname", "tango\n"},
                {"/etc/hosts", "127.0.0.1 localhost tango\n::1 localhost\n"},
                {"/etc/resolv.conf", ""},
                {"/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"}};
  for (const char* folder : kHostFolders) {
    if (isLink(folder)) {
      plan.links.push_back({fs::read_symlink(folder).string(), folder});
    } else if (exists(folder)) {
      plan.binds.push_back({folder, folder});
    }
  }
  for (const char* path : kHostEtc) {
    if (exists(path)) {
      show(plan, path);
    }
  }
  return plan;
}

Result<RootPlan> importedRootPlan(const fs::path& rootfs) {
  RootPlan plan;
  plan.folders = {"/sys"};
  std::error_code failure;
  for (fs::directory_iterator entry(rootfs, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    const auto own = std::find(kOwnFolders.begin(), kOwnFolders.end(), name);
    if (own != kOwnFolders.end()) {
      continue;
    }
    if (isLink(entry->path())) {
      plan.links.push_back({fs::read_symlink(entry->path(), failure).string(), "/" + name});
    } else {
      plan.binds.push_back({entry->path().string(), "/" + name});
    }
  }
  if (failure) {
    return Error(ErrorKind::kSystem, "read " + rootfs.string() + ": " + failure.message());
  }
  return plan;
}

std::vector<std::string> jobEnvironment(const std::vector<std::string>& of_image) {
  std::map<std::string, std::string> variables = {
      {"HOME", "/home/autograde"},
      {"LANG", "C.UTF-8"},
      {"LOGNAME", "autograde"},
      {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
      {"SHELL", "/bin/sh"},
      {"USER", "autograde"}};
  constexpr std::array kFixed = {"HOME", "LOGNAME", "USER"};
  for (const std::string& variable : of_image) {
    const std::size_t equals = variable.find('=');
    const std::string name = variable.substr(0, equals);
    const bool fixed = std::find(kFixed.begin(), kFixed.end(), name) != kFixed.end();
    if (equals != std::string::npos && !fixed) {
      variables[name] = variable.substr(equals + 1);
    }
  }
  std::vector<std::string> environment;
  environment.reserve(variables.size());
  for (const auto& [name, value] : variables) {
    environment.push_back(name + "=" + value);
  }
  return environment;
}

void offerStudentProgram(sandbox::SlotSpec& spec, const fs::path& program) {
  if (!fs::exists(program)) {
    return;
  }
  const std::string folder = "/.tango/bin";
  spec.root.folders.insert(spec.root.folders.end(), {"/.tango", folder});
  spec.root.binds.push_back({program.string(), folder + "/tango-student"});
  for (std::string& variable : spec.environment) {
    if (variable.starts_with("PATH=")) {
      variable += ":" + folder;
    }
  }
}

}  // namespace tango::vmms
