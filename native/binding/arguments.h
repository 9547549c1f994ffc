#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

namespace wattledger {

// Typed access to the properties of an options object. Meaning and defaults are TypeScript's; a wrong type here is a
// bug there, and throws a TypeError that names the property.
class Arguments {
 public:
  explicit Arguments(Napi::Object object) : object_(object) {}

  Napi::Value Get(const char* name) const { return object_.Get(name); }
  std::string String(const char* name) const;
  int64_t Int64(const char* name) const;    // a bigint
  uint32_t Uint32(const char* name) const;  // a number
  std::vector<std::string> Strings(const char* name) const;
  std::vector<Arguments> Objects(const char* name) const;

  [[noreturn]] void Reject(const char* name, const char* expected) const;

 private:
  Napi::Object object_;
};

}  // namespace wattledger
