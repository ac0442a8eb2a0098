#include "config/python_import.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "base/utf8.hpp"
#include "config/keys.hpp"
#include "config/python/constants.hpp"
#include "config/python_rules.hpp"
#include "config/schema.hpp"

namespace tango::config {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using python::Constant;

constexpr const char* kHead =
    "# Made by `tango config import` from a Python Tango's configuration, which was read and not "
    "run.\n"
    "# Every key that there is, with its default, is in the file tango.toml of the package.\n";

constexpr const char* kSandbox = "sandbox";
constexpr const char* kDistDocker = "distDocker";
constexpr const char* kEc2Ssh = "ec2SSH";
constexpr const char* kTashiSsh = "tashiSSH";

// Whether a VMMS that the Python Tango could use is one of ours.
bool isOurs(const std::string& vmms) {
  ServiceConfig config;
  const Schema schema = schemaOf(config);
  return std::any_of(schema.backends.begin(), schema.backends.end(),
                     [&vmms](const BackendEntry& backend) { return backend.name == vmms; });
}

// The VMMS whose settings are taken over.
std::string vmmsOf(const std::vector<Constant>& constants) {
  for (const Constant& constant : constants) {
    const auto* const name = constant.name == "VMMS_NAME" && constant.value
                                 ? constant.value->as<std::string>()
                                 : nullptr;
    if (name != nullptr && isOurs(*name)) {
      return *name;
    }
  }
  return kSandbox;
}

class Importer {
 public:
  explicit Importer(std::string vmms) : vmms_(std::move(vmms)) {}

  void take(const Constant& constant) {
    const PythonRule* const rule = pythonRule(constant.name);
    const bool hosts = constant.name == "DOCKER_DISTRIBUTED_HOSTS";
    const bool special = constant.name == "KEYS" || constant.name == "VMMS_NAME" || hosts;
    const std::string of = hosts ? kDistDocker : rule == nullptr ? "" : vmmsOfTable(rule->table);
    if (!of.empty() && of != vmms_) {
      leave(constant, "about " + of + ", which this configuration does not use");
    } else if (rule == nullptr && !special) {
      leave(constant, std::string(pythonReason(constant.name)));
    } else if (!constant.value) {
      ++import_.unreadable;
      noteLeft(constant, "cannot be read without Python (line " + std::to_string(constant.line) +
                             "): " + constant.unreadable);
    } else if (constant.name == "KEYS") {
      takeKeys(constant);
    } else if (constant.name == "VMMS_NAME") {
      takeVmms(constant);
    } else if (special) {
      takeHosts(constant);
    } else {
      takeByRule(constant, *rule);
    }
  }

  PythonImport result() && {
    complete();
    import_.toml = kHead;
    append("");
    const ServiceConfig defaults;
    ServiceConfig copy = defaults;
    for (const Section& section : schemaOf(copy).sections) {
      if (!section.name.empty()) {
        append(section.name);
      }
    }
    import_.toml += hosts_;
    if (!left_.empty()) {
      import_.toml += "\n# Not taken over:\n" + left_;
    }
    return std::move(import_);
  }

 private:
  // "": the table is of no VMMS, or of whichever is used.
  static std::string vmmsOfTable(std::string_view table) {
    constexpr std::string_view kPrefix = "vmms.";
    const bool of_one = table.starts_with(kPrefix) && table != kOwnVmms;
    return of_one ? std::string(table.substr(kPrefix.size())) : "";
  }

  void append(const std::string& table) {
    const auto found = tables_.find(table);
    if (found != tables_.end()) {
      import_.toml += (table.empty() ? "" : "\n[" + table + "]") + "\n" + found->second;
    }
  }

  static std::string nameOf(const Constant& constant) {
    return base::replaceInvalidUtf8(constant.name);
  }

  void noteLeft(const Constant& constant, const std::string& why) {
    left_ += "# " + nameOf(constant) + ": " + why + "\n";
  }

  void leave(const Constant& constant, const std::string& why) {
    ++import_.left;
    noteLeft(constant, why);
  }

  // A line in a table, with comments before it, if our own reader takes it.
  void put(const Constant& constant, const std::string& table, const std::string& key,
           const std::string& toml, const std::vector<std::string>& remarks) {
    const std::string line = key + " = " + toml + "\n";
    const std::string head = table.empty() ? "" : "[" + table + "]\n";
    if (const Result<ServiceConfig> read = parseConfig(head + line, ""); !read) {
      const std::string& message = read.error().message();
      leave(constant, "its value cannot be taken over: " + message.substr(message.find(": ") + 2));
      return;
    }
    if (const auto [taken, fresh] = set_.emplace(table + "." + key, nameOf(constant)); !fresh) {
      leave(constant, "the same as " + taken->second + ", which was taken");
      return;
    }
    ++import_.taken;
    std::string& lines = tables_[table];
    lines += "# " + nameOf(constant) + "\n";
    for (const std::string& remark : remarks) {
      lines += "#   " + remark + "\n";
    }
    lines += line;
  }

  static std::vector<std::string> remarksOf(const Constant& constant) {
    std::vector<std::string> remarks;
    remarks.reserve(constant.environment.size());
    for (const std::string& variable : constant.environment) {
      remarks.push_back("the default, where the environment does not set " +
                        tomlText(base::replaceInvalidUtf8(variable)));
    }
    return remarks;
  }

  void takeByRule(const Constant& constant, const PythonRule& rule) {
    const std::optional<std::string> toml = rule.toml(*constant.value);
    if (!toml) {
      leave(constant, "its value is of another type than it should be");
    } else if (toml->empty() || *toml == "\"\"") {
      leave(constant, (toml->empty() ? "None" : "empty") + std::string(": the default holds"));
    } else {
      std::vector<std::string> remarks = remarksOf(constant);
      if (!rule.remark.empty()) {
        remarks.emplace_back(rule.remark);
      }
      const std::string table = rule.table == kOwnVmms ? "vmms." + vmms_ : std::string(rule.table);
      const bool bound = rule.table == kOwnVmms && vmms_ == kEc2Ssh;
      put(constant, table, bound ? "instances_max" : std::string(rule.key), *toml, remarks);
    }
  }

  void takeKeys(const Constant& constant) {
    const auto* list = constant.value->as<python::List>();
    std::string toml = "[";
    bool weak = false;
    for (const python::Value& item : list == nullptr ? python::List() : *list) {
      const auto* const key = item.as<std::string>();
      if (key == nullptr || !isName(*key)) {
        list = nullptr;
        break;
      }
      toml += (toml.size() > 1 ? ", " : "") + tomlText(*key);
      weak |= !weaknessOf(*key).empty();
    }
    if (list == nullptr || list->empty()) {
      leave(constant, "it is no list of strings; without a key the service makes one");
      return;
    }
    std::vector<std::string> remarks = remarksOf(constant);
    if (weak) {
      remarks.emplace_back("WEAK: with such a key the service listens on 127.0.0.1 alone. Set a");
      remarks.emplace_back("longer one here and in the front end, and then server.host.");
    }
    put(constant, "server", "keys", toml + "]", remarks);
    if (!weak && set_.contains("server.keys")) {
      tables_["server"] += "# The Python Tango listens on every address.\nhost = \"0.0.0.0\"\n";
    }
  }

  static std::string whereOf(const std::string& vmms) {
    return vmms == kEc2Ssh ? "on EC2" : vmms == kTashiSsh ? "on Tashi's VMs" : "in Docker";
  }

  void takeVmms(const Constant& constant) {
    const auto* const name = constant.value->as<std::string>();
    if (name == nullptr || !isOurs(*name)) {
      leave(constant,
            "there is no VMMS of that name here: jobs run in the sandbox. Take the images over "
            "with `docker save IMAGE | tango image import IMAGE -`");
      return;
    }
    put(constant, "", "default_vmms", tomlText(*name), remarksOf(constant));
    if (*name != kSandbox) {
      tables_["vmms.sandbox"] += std::string("# As before, all jobs run ") + whereOf(*name) +
                                 ". The sandbox of this machine needs\n# none, and is faster: "
                                 "docs/backends/sandbox.md.\nenabled = false\n";
    }
  }

  void takeHosts(const Constant& constant) {
    const auto* list = constant.value->as<python::List>();
    std::string hosts;
    for (const python::Value& item : list == nullptr ? python::List() : *list) {
      const auto* const host = item.as<std::string>();
      hosts += "\n[[vmms.distDocker.host]]\naddress = " +
               tomlText("ssh://" + (host == nullptr ? "" : *host)) + "\n";
    }
    if (list == nullptr || list->empty() || !parseConfig(hosts, "")) {
      leave(constant, "it is no list of names of different hosts");
    } else {
      ++import_.taken;
      hosts_ = "\n# " + nameOf(constant) + hosts;
    }
  }

  // What only all constants together say.
  void complete() {
    if (vmms_ == kDistDocker) {
      completeHosts();
    } else if (vmms_ == kEc2Ssh) {
      completeEc2();
    } else if (vmms_ == kTashiSsh) {
      completeTashi();
    }
    if (vmms_ != kSandbox) {
      tables_["vmms." + vmms_] += "enabled = true\n";
    }
  }

  void completeHosts() {
    std::string& table = tables_["vmms.distDocker"];
    table +=
        "# The Python Tango used the key vmms/id_rsa in its folder, and took every host for what "
        "it\n# said it was. Here hosts are to be in ssh's known_hosts.\n"
        "#ssh_key = \"/opt/Tango/vmms/id_rsa\"\n";
    if (!set_.contains("vmms.distDocker.user")) {
      table +=
          "# What the Python Tango takes where DOCKER_HOST_USER is empty.\n"
          "user = \"ubuntu\"\n";
    }
    if (hosts_.empty() && !set_.contains("vmms.distDocker.dns_name")) {
      table += "# Name its hosts first, by dns_name or [[vmms.distDocker.host]].\n#";
    }
  }

  void completeTashi() {
    std::string& table = tables_["vmms.tashiSSH"];
    table +=
        "# The Python Tango took the cluster manager from the section [Client] of Tashi's own\n"
        "# configuration (clusterManagerHost and clusterManagerPort).\n"
        "#host = \"localhost\"\n#port = 9882\n"
        "# It used the key vmms/id_rsa in its folder.\n"
        "#ssh_key = \"/opt/Tango/vmms/id_rsa\"\n";
    if (!set_.contains("vmms.tashiSSH.image_folder")) {
      table += "# Name the folder of the images first.\n#image_folder = \"\"\n#";
    }
  }

  void completeEc2() {
    std::string& table = tables_["vmms.ec2SSH"];
    table +=
        "# Credentials are found where the Python Tango had them, ~/.boto included, of the user "
        "that "
        "the\n# service runs as.\n";
    if (set_.contains("vmms.ec2SSH.key_name") != set_.contains("vmms.ec2SSH.key_file")) {
      table +=
          "# SECURITY_KEY_NAME and SECURITY_KEY_PATH go together: set both key_name and key_file, "
          "or "
          "none;\n# then a key pair is made.\n#";
    }
  }

  PythonImport import_;
  const std::string vmms_;
  std::string hosts_;                          // [[vmms.distDocker.host]]
  std::map<std::string, std::string> tables_;  // what stands in each
  std::map<std::string, std::string> set_;     // constants by the key that they went to
  std::string left_;
};

}  // namespace

Result<PythonImport> importPython(std::string_view text, const std::string& name) {
  const python::Constants constants = python::constantsOf(text, "Config");
  if (!constants.found) {
    return Error(ErrorKind::kInvalid,
                 name + ": there is no `class Config` in it: is it a Python Tango's config.py?");
  }
  Importer importer(vmmsOf(constants.constants));
  for (const Constant& constant : constants.constants) {
    importer.take(constant);
  }
  return std::move(importer).result();
}

}  // namespace tango::config
