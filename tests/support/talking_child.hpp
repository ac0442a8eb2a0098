// A program beside a test, which is talked to in lines over its standard streams, and which ends
// when its input does: with the object, and also when the test is killed.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tango::test {

class TalkingChild {
 public:
  /// Starts `command`, the path of a program and its arguments. Throws if that fails.
  explicit TalkingChild(std::vector<std::string> command);
  TalkingChild(const TalkingChild&) = delete;
  TalkingChild& operator=(const TalkingChild&) = delete;
  ~TalkingChild();

  /// What it says next, without the line's end; nothing: it says no more.
  std::optional<std::string> readLine();
  /// Throws if nobody takes it.
  void writeLine(const std::string& line);
  /// Ends its input and waits for its end. Its exit status; -1: a signal ended it, or it was over
  /// before.
  int finish();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  pid_t pid_ = -1;
  std::unique_ptr<std::FILE, CloseFile> input_;
  std::unique_ptr<std::FILE, CloseFile> output_;
};

}  // namespace tango::test
