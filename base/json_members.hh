// Members of JSON that another process, a file or a person wrote: what is not there, or of another kind, is nothing.
// Where JSON is used at all; base itself does not need it.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace sekisho {

template <class Json> std::string text_in(const Json &object, const char *name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->template get<std::string>() : std::string();
}

/// Not negative.
template <class Json> std::uint64_t number_in(const Json &object, const char *name, std::uint64_t otherwise = 0) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_unsigned() ? found->template get<std::uint64_t>() : otherwise;
}

template <class Json> std::int64_t integer_in(const Json &object, const char *name, std::int64_t otherwise = 0) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->template get<std::int64_t>() : otherwise;
}

template <class Json> bool is_true_in(const Json &object, const char *name) {
  const auto found = object.find(name);
  return found != object.end() && *found == true;
}

/// An empty array where there is none.
template <class Json> const Json &list_in(const Json &object, const char *name) {
  static const Json none = Json::array();
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : none;
}

} // namespace sekisho
