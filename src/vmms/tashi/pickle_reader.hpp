// Reads pickles of protocol 0, as cPickle of Python 2 writes them. A pickle is a program for a
// small machine with a stack; this one knows only the steps that make data. It takes the classes
// that Tashi's answers have (and whatever stands in Python's module `exceptions`), and makes no
// more of them than a name: what a pickle says is never called, imported or looked up.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "vmms/tashi/pickle_value.hpp"

namespace tango::vmms::tashi {

inline constexpr std::size_t kPickleBytesMax = 64 << 20;
/// Values in one pickle: an instance of Tashi's has about sixty.
inline constexpr std::size_t kPickleValuesMax = 1'000'000;
/// Lists, tuples and dicts that are begun within each other.
inline constexpr std::size_t kPickleDepthMax = 100;

/// kSystem: it is no such pickle, has a class that is not Tashi's, or is beyond a bound.
base::Result<Pickle> readPickle(std::string_view text);

}  // namespace tango::vmms::tashi
