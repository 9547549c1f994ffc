// The only list of exports. Types and contracts for TypeScript: src/native/addon.ts.
#include <dlfcn.h>
#include <link.h>
#include <malloc.h>
#include <napi.h>
#include <sys/mman.h>
#include <unistd.h>

#include "binding/cgroup_frames.h"
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

// What cannot be written of the first program that it is called for, which is Node itself.
int ForgetPages(dl_phdr_info* program, size_t, void*) {
  const uintptr_t page_mask = ~(static_cast<uintptr_t>(getpagesize()) - 1);
  for (size_t i = 0; i < program->dlpi_phnum; ++i) {
    const auto& segment = program->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const uintptr_t start = program->dlpi_addr + segment.p_vaddr;
    const uintptr_t from = start & page_mask;
    // Where it cannot be done, the pages stay.
    madvise(reinterpret_cast<void*>(from), ((start + segment.p_filesz) & page_mask) - from, MADV_DONTNEED);
  }
  return 1;
}

void ForgetProgram(const Napi::CallbackInfo&) { dl_iterate_phdr(ForgetPages, nullptr); }

Napi::Value ExitNow(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) throw Napi::TypeError::New(info.Env(), "expected a number for code");
  _exit(info[0].As<Napi::Number>().Int32Value());
}

void TrimMemory(const Napi::CallbackInfo&) { malloc_trim(0); }

// v8::Isolate::GetCurrent() and MemoryPressureNotification(kCritical), by the names that Node exports to addons:
// Node-API has nothing of the kind, and what is built against v8.h does not load into a Node of another V8. False where
// they are not there.
Napi::Value CollectGarbage(const Napi::CallbackInfo& info) {
  const auto current = reinterpret_cast<void* (*)()>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv"));
  const auto notify = reinterpret_cast<void (*)(void*, int)>(
      dlsym(RTLD_DEFAULT, "_ZN2v87Isolate26MemoryPressureNotificationENS_19MemoryPressureLevelE"));
  constexpr int kCritical = 2;
  const bool is_there = current != nullptr && notify != nullptr;
  if (is_there) notify(current(), kCritical);
  return Napi::Boolean::New(info.Env(), is_there);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("CgroupFrames", wattledger::CgroupFrames::Define(env));
  exports.Set("NvmlUseFrames", wattledger::NvmlUseFrames::Define(env));
  exports.Set("Poller", wattledger::PollerObject::Define(env));
  exports.Set("monotonicNs", Napi::Function::New(env, MonotonicNs, "monotonicNs"));
  exports.Set("boottimeNs", Napi::Function::New(env, BoottimeNs, "boottimeNs"));
  exports.Set("forgetProgram", Napi::Function::New(env, ForgetProgram, "forgetProgram"));
  exports.Set("sdNotify", Napi::Function::New(env, wattledger::SdNotify, "sdNotify"));
  exports.Set("peerCredentials", Napi::Function::New(env, wattledger::PeerCredentials, "peerCredentials"));
  exports.Set("exitNow", Napi::Function::New(env, ExitNow, "exitNow"));
  exports.Set("trimMemory", Napi::Function::New(env, TrimMemory, "trimMemory"));
  exports.Set("collectGarbage", Napi::Function::New(env, CollectGarbage, "collectGarbage"));
  return exports;
}

}  // namespace

NODE_API_MODULE(wattledger, Init)
