// tango-sandbox: the launcher of the sandbox VMMS. Started by tango itself, with a socket on the
// descriptor that its one argument names.
#include <charconv>
#include <cstdio>
#include <string_view>

#include "sandbox/launcher/launcher.hpp"

int main(int argc, char** argv) {
  int socket_fd = -1;
  if (argc == 2) {
    const std::string_view text = argv[1];
    std::from_chars(text.data(), text.data() + text.size(), socket_fd);
  }
  if (socket_fd < 0) {
    std::fputs("tango-sandbox is started by tango; there is nothing to run here by hand.\n",
               stderr);
    return 64;
  }
  return tango::sandbox::runLauncher(socket_fd);
}
