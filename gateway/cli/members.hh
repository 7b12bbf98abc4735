// Members of what the daemon answers: hostile enough to be asked for with care.
#pragma once

#include "gateway/control/protocol.hh"

#include <string>

namespace sekisho::cli {

inline std::uint64_t number_in(const control::Json &object, const char *name) {
  auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

inline std::string text_in(const control::Json &object, const char *name) {
  auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// An empty array where there is none.
inline const control::Json &list_in(const control::Json &object, const char *name) {
  static const control::Json none = control::Json::array();
  auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_array() ? *found : none;
}

inline std::string to_text(const control::Json &json) {
  return json.dump(2, ' ', false, control::Json::error_handler_t::replace);
}

} // namespace sekisho::cli
