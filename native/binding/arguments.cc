#include "binding/arguments.h"

namespace wattledger {

void Arguments::Reject(const char* name, const char* expected) const {
  throw Napi::TypeError::New(object_.Env(), std::string("expected ") + expected + " for " + name);
}

std::string Arguments::String(const char* name) const {
  const Napi::Value value = object_.Get(name);
  if (!value.IsString()) Reject(name, "a string");
  return value.As<Napi::String>();
}

int64_t Arguments::Int64(const char* name) const {
  const Napi::Value value = object_.Get(name);
  bool lossless = false;
  const int64_t number = value.IsBigInt() ? value.As<Napi::BigInt>().Int64Value(&lossless) : 0;
  if (!lossless) Reject(name, "a bigint of 64 bits");
  return number;
}

uint32_t Arguments::Uint32(const char* name) const {
  const Napi::Value value = object_.Get(name);
  if (!value.IsNumber()) Reject(name, "a number");
  return value.As<Napi::Number>().Uint32Value();
}

std::vector<std::string> Arguments::Strings(const char* name) const {
  const Napi::Value value = object_.Get(name);
  if (!value.IsArray()) Reject(name, "an array of strings");
  const auto array = value.As<Napi::Array>();
  std::vector<std::string> strings;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array[i];
    if (!item.IsString()) Reject(name, "an array of strings");
    strings.push_back(item.As<Napi::String>());
  }
  return strings;
}

std::vector<Arguments> Arguments::Objects(const char* name) const {
  const Napi::Value value = object_.Get(name);
  if (!value.IsArray()) Reject(name, "an array of objects");
  const auto array = value.As<Napi::Array>();
  std::vector<Arguments> objects;
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array[i];
    if (!item.IsObject()) Reject(name, "an array of objects");
    objects.emplace_back(item.As<Napi::Object>());
  }
  return objects;
}

}  // namespace wattledger
