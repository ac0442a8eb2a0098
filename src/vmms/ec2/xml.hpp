// EC2's answers: XML, read into a tree of names and texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tango::vmms::ec2 {

struct Element {
  std::string name;  ///< without a namespace's prefix
  std::string text;  ///< of its own; "" if it is nothing but blanks
  std::vector<Element> children;

  /// The first child of that name; an empty element if there is none.
  [[nodiscard]] const Element& child(std::string_view child_name) const;
  /// The text beneath, by names with '/' between them ("instanceState/name"); "": there is none.
  [[nodiscard]] std::string at(std::string_view path) const;
  /// What stands in a list: the children of the child `list_name`.
  [[nodiscard]] const std::vector<Element>& items(std::string_view list_name) const;
};

inline constexpr std::size_t kXmlDepthMax = 32;
inline constexpr std::size_t kXmlElementsMax = 1'000'000;

/// The root element of `text`. kSystem: it is not XML, has a document type (entities of its own),
/// or is deeper or larger than any answer of EC2's.
base::Result<Element> parseXml(std::string_view text);

}  // namespace tango::vmms::ec2
