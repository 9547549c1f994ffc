#include "binding/poller_object.h"

#include <exception>

#include "binding/readers.h"

namespace wattledger {
namespace {

// The environment must go even if a driver never answers; the thread is then left behind.
constexpr int64_t kCleanupTimeoutNs = 500'000'000;
// Bounds within which no sum of times overflows and no queue outgrows the memory.
constexpr int64_t kLongestIntervalNs = 86'400'000'000'000;
constexpr uint32_t kLargestCapacity = 1'000'000;
constexpr int64_t kLongestStopNs = 60'000'000'000;

constexpr const char* PhaseName(PollerState::Phase phase) {
  switch (phase) {
    case PollerState::Phase::kIdle:
      return "idle";
    case PollerState::Phase::kOpening:
      return "opening";
    case PollerState::Phase::kOpen:
      return "open";
    case PollerState::Phase::kFailed:
      return "failed";
    case PollerState::Phase::kStopped:
      return "stopped";
  }
  return "stopped";
}

}  // namespace

Napi::Function PollerObject::Define(Napi::Env env) {
  return DefineClass(
      env, "Poller",
      {InstanceMethod<&PollerObject::Start>("start"), InstanceMethod<&PollerObject::State>("state"),
       InstanceMethod<&PollerObject::Channels>("channels"), InstanceMethod<&PollerObject::Drain>("drain"),
       InstanceMethod<&PollerObject::ReadNow>("readNow"), InstanceMethod<&PollerObject::Stop>("stop")});
}

PollerObject::PollerObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<PollerObject>(info), environment_(info.Env()) {
  if (!info[0].IsObject() || !info[1].IsFunction()) {
    throw Napi::TypeError::New(info.Env(), "expected new Poller(options, onSignal)");
  }
  const Arguments options(info[0].As<Napi::Object>());
  const std::string type = options.String("type");
  PollerOptions poller_options;
  poller_options.interval_ns = options.Int64("intervalNs");
  poller_options.capacity = options.Uint32("capacity");
  if (poller_options.interval_ns <= 0 || poller_options.interval_ns > kLongestIntervalNs) {
    throw Napi::RangeError::New(info.Env(), "expected intervalNs above 0 and at most a day");
  }
  if (poller_options.capacity == 0 || poller_options.capacity > kLargestCapacity) {
    throw Napi::RangeError::New(info.Env(), "expected capacity above 0 and at most a million");
  }
  auto reader = MakeReader(type, options);
  if (!reader) throw Napi::TypeError::New(info.Env(), "no reader of type " + type);

  // Unreferenced: a poller alone does not keep a process alive. A queue of one: signals carry nothing but
  // "look again".
  const auto name = Napi::String::New(info.Env(), "wattledger.poller");
  NAPI_THROW_IF_FAILED_VOID(
      info.Env(), napi_create_threadsafe_function(environment_, info[1], nullptr, name, 1, 1, nullptr,
                                                  nullptr, nullptr, nullptr, &signal_));
  napi_unref_threadsafe_function(environment_, signal_);
  try {
    poller_ = std::make_unique<Poller>(std::move(reader), poller_options, [signal = signal_] {
      napi_call_threadsafe_function(signal, nullptr, napi_tsfn_nonblocking);
    });
  } catch (const std::exception& error) {  // no descriptors left
    napi_release_threadsafe_function(signal_, napi_tsfn_abort);
    throw Napi::Error::New(info.Env(), error.what());
  }
  napi_add_env_cleanup_hook(environment_, OnCleanup, this);
}

PollerObject::~PollerObject() {
  if (poller_) napi_remove_env_cleanup_hook(environment_, OnCleanup, this);
  Shutdown(0);
}

void PollerObject::OnCleanup(void* self) { static_cast<PollerObject*>(self)->Shutdown(kCleanupTimeoutNs); }

bool PollerObject::Shutdown(int64_t timeout_ns) {
  // After Stop() the thread cannot reach the function any more, so that this is its last owner.
  const bool ended = !poller_ || poller_->Stop(timeout_ns);
  if (signal_) napi_release_threadsafe_function(signal_, napi_tsfn_abort);
  signal_ = nullptr;
  return ended;
}

Napi::Value PollerObject::Start(const Napi::CallbackInfo& info) {
  poller_->Start();
  return info.Env().Undefined();
}

Napi::Value PollerObject::State(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const PollerState state = poller_->state();
  auto object = Napi::Object::New(env);
  object.Set("phase", PhaseName(state.phase));
  object.Set("inFlightSinceNs", Napi::BigInt::New(env, state.in_flight_since_ns));
  object.Set("sweeps", Napi::BigInt::New(env, state.sweeps));
  object.Set("missed", Napi::BigInt::New(env, state.missed));
  object.Set("dropped", Napi::BigInt::New(env, state.dropped));
  object.Set("outdated", state.outdated);
  if (state.phase == PollerState::Phase::kFailed) {
    object.Set("code", static_cast<double>(state.error.code));
    object.Set("detail", state.error.detail);
    object.Set("message", state.error.message);
  }
  return object;
}

Napi::Value PollerObject::Channels(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto channels = poller_->channels();
  auto array = Napi::Array::New(env, channels.size());
  for (uint32_t i = 0; i < channels.size(); ++i) {
    auto attributes = Napi::Object::New(env);
    for (const auto& [key, value] : channels[i].attributes) attributes.Set(key, value);
    auto channel = Napi::Object::New(env);
    channel.Set("id", channels[i].id);
    channel.Set("attributes", attributes);
    array.Set(i, channel);
  }
  return array;
}

// Four 64-bit integers per reading: value, beforeNs, afterNs, and detail << 32 | code.
Napi::Value PollerObject::Drain(const Napi::CallbackInfo& info) {
  const auto readings = poller_->Drain();
  auto flat = Napi::BigUint64Array::New(info.Env(), readings.size() * 4);
  size_t at = 0;
  for (const auto& reading : readings) {
    flat[at++] = reading.value;
    flat[at++] = static_cast<uint64_t>(reading.before_ns);
    flat[at++] = static_cast<uint64_t>(reading.after_ns);
    flat[at++] = uint64_t{static_cast<uint32_t>(reading.detail)} << 32 | static_cast<uint32_t>(reading.code);
  }
  return flat;
}

Napi::Value PollerObject::ReadNow(const Napi::CallbackInfo& info) {
  poller_->ReadNow();
  return info.Env().Undefined();
}

Napi::Value PollerObject::Stop(const Napi::CallbackInfo& info) {
  bool lossless = false;
  const int64_t timeout_ns = info[0].IsBigInt() ? info[0].As<Napi::BigInt>().Int64Value(&lossless) : 0;
  if (!lossless || timeout_ns < 0 || timeout_ns > kLongestStopNs) {
    throw Napi::RangeError::New(info.Env(), "expected a bigint from 0 to a minute for timeoutNs");
  }
  return Napi::Boolean::New(info.Env(), Shutdown(timeout_ns));
}

}  // namespace wattledger
