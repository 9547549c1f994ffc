#pragma once

#include <napi.h>

#include <memory>

#include "core/poller.h"

namespace wattledger {

// The JavaScript class `Poller`. It belongs to one environment: the cleanup hook stops the thread and cuts its way to
// JavaScript before the environment goes, at whatever stage the poller is.
class PollerObject : public Napi::ObjectWrap<PollerObject> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit PollerObject(const Napi::CallbackInfo& info);
  ~PollerObject() override;

 private:
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value State(const Napi::CallbackInfo& info);
  Napi::Value Channels(const Napi::CallbackInfo& info);
  Napi::Value Drain(const Napi::CallbackInfo& info);
  Napi::Value ReadNow(const Napi::CallbackInfo& info);
  Napi::Value Stop(const Napi::CallbackInfo& info);

  static void OnCleanup(void* self);
  bool Shutdown(int64_t timeout_ns);

  napi_env environment_;
  napi_threadsafe_function signal_ = nullptr;
  std::unique_ptr<Poller> poller_;
};

}  // namespace wattledger
