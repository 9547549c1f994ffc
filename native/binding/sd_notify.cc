#include "binding/sd_notify.h"

#include <cstdlib>
#include <string>

#include "systemd/notify.h"

namespace wattledger {

Napi::Value SdNotify(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString()) throw Napi::TypeError::New(env, "expected a string for state");
  const std::string state = info[0].As<Napi::String>();
  const char* address = std::getenv("NOTIFY_SOCKET");
  if (address == nullptr || *address == '\0') return Napi::Boolean::New(env, false);
  if (const auto error = Notify(address, state)) throw Napi::Error::New(env, error->message);
  return Napi::Boolean::New(env, true);
}

}  // namespace wattledger
