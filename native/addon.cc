// The only list of exports. Types and contracts for TypeScript: src/native/addon.ts.
#include <napi.h>
#include <unistd.h>

#include "binding/cgroup_frames.h"
#include "binding/memory.h"
#include "binding/nvml_use_frames.h"
#include "binding/peer_credentials.h"
#include "binding/poller_object.h"
#include "binding/sd_notify.h"
#include "core/clock.h"

namespace {

Napi::Value MonotonicNs(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), wattledger::MonotonicNs());
}

Napi::Value BoottimeNs(const Napi::CallbackInfo& info) {
  return Napi::BigInt::New(info.Env(), wattledger::BoottimeNs());
}

Napi::Value ExitNow(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw Napi::TypeError::New(info.Env(), "expected a number for code");
  _exit(info[0].As<Napi::Number>().Int32Value());
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("CgroupFrames", wattledger::CgroupFrames::Define(env));
  exports.Set("NvmlUseFrames", wattledger::NvmlUseFrames::Define(env));
  exports.Set("Poller", wattledger::PollerObject::Define(env));
  exports.Set("monotonicNs", Napi::Function::New(env, MonotonicNs, "monotonicNs"));
  exports.Set("boottimeNs", Napi::Function::New(env, BoottimeNs, "boottimeNs"));
  exports.Set("forgetProgram", Napi::Function::New(env, wattledger::ForgetProgram, "forgetProgram"));
  exports.Set("sdNotify", Napi::Function::New(env, wattledger::SdNotify, "sdNotify"));
  exports.Set("peerCredentials", Napi::Function::New(env, wattledger::PeerCredentials, "peerCredentials"));
  exports.Set("exitNow", Napi::Function::New(env, ExitNow, "exitNow"));
  exports.Set("trimMemory", Napi::Function::New(env, wattledger::TrimMemory, "trimMemory"));
  exports.Set("collectGarbage", Napi::Function::New(env, wattledger::CollectGarbage, "collectGarbage"));
  return exports;
}

}  // namespace

NODE_API_MODULE(wattledger, Init)
