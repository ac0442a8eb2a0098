#include "vmms/ec2/xml.hpp"

#include <algorithm>

#include <pugixml.hpp>

namespace tango::vmms::ec2 {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Entities are XML's own five and numbers; a document type is seen, so that it can be refused.
constexpr unsigned kWays =
    pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol | pugi::parse_doctype;

Error notAnAnswer(const std::string& why) {
  return {ErrorKind::kSystem, "the answer is not EC2's XML: " + why};
}

std::string_view localName(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// False: too deep or too large.
bool copyInto(Element& element, const pugi::xml_node& node, std::size_t depth,
              std::size_t& elements) {
  if (depth > kXmlDepthMax || ++elements > kXmlElementsMax) {
    return false;
  }
  element.name = localName(node.name());
  for (const pugi::xml_node& each : node.children()) {
    if (each.type() == pugi::node_element) {
      element.children.emplace_back();
      if (!copyInto(element.children.back(), each, depth + 1, elements)) {
        return false;
      }
    } else if (each.type() == pugi::node_pcdata || each.type() == pugi::node_cdata) {
      element.text += each.value();
    }
  }
  return true;
}

}  // namespace

const Element& Element::child(std::string_view child_name) const {
  static const Element kNone;
  const auto found = std::find_if(children.begin(), children.end(), [child_name](const auto& each) {
    return each.name == child_name;
  });
  return found == children.end() ? kNone : *found;
}

std::string Element::at(std::string_view path) const {
  const Element* element = this;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    element = &element->child(path.substr(0, slash));
    path = slash == std::string_view::npos ? "" : path.substr(slash + 1);
  }
  return element->text;
}

const std::vector<Element>& Element::items(std::string_view list_name) const {
  return child(list_name).children;
}

Result<Element> parseXml(std::string_view text) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size(), kWays);
  if (!parsed) {
    return notAnAnswer(parsed.description());
  }
  for (const pugi::xml_node& each : document.children()) {
    if (each.type() == pugi::node_doctype) {
      return notAnAnswer("it has a document type");
    }
  }
  Element root;
  std::size_t elements = 0;
  if (!copyInto(root, document.document_element(), 1, elements)) {
    return notAnAnswer("it is too deep or too large");
  }
  return root;
}

}  // namespace tango::vmms::ec2
