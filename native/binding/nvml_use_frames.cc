#include "binding/nvml_use_frames.h"

#include <array>
#include <span>

#include "binding/nvml_options.h"
#include "nvml/nvml_use_reader.h"

namespace wattledger {
namespace {

// A minute of sweeps.
constexpr size_t kMostFrames = 60;
constexpr napi_type_tag kUseTag = {0x5be1c0d3927f4e68, 0x8f2a64d71c03b95e};

std::array<uint64_t, 5> FieldsOf(const NvmlProcess& one) {
  return {one.pid, one.kind, one.memory_bytes, one.gpu_instance, one.compute_instance};
}

std::array<uint64_t, 3> FieldsOf(const NvmlSample& one) { return {one.pid, one.at_us, one.percent}; }

std::array<uint64_t, 5> FieldsOf(const NvmlInstance& one) {
  return {one.gpu_instance, one.compute_instance, one.slices, one.compute_slices, one.memory_mb};
}

std::array<uint64_t, 8> FieldsOf(const NvmlDeviceUse& one) {
  const auto before_ns = static_cast<uint64_t>(one.before_ns);
  const auto after_ns = static_cast<uint64_t>(one.after_ns);
  return {before_ns, after_ns, one.c2c, one.minor, one.percent, one.mig, one.board_slices, one.since_us};
}

// The fields of each row, one row after the other.
template <typename Row>
Napi::BigUint64Array Table(Napi::Env env, std::span<const Row> rows) {
  auto flat = Napi::BigUint64Array::New(env, rows.size() * std::tuple_size_v<decltype(FieldsOf(Row()))>);
  size_t at = 0;
  for (const Row& row : rows) {
    for (const uint64_t field : FieldsOf(row)) flat[at++] = field;
  }
  return flat;
}

Napi::Object Device(Napi::Env env, const NvmlDeviceUse& use) {
  auto uuids = Napi::Array::New(env, use.instances.size());
  for (uint32_t i = 0; i < use.instances.size(); ++i) uuids.Set(i, use.instances[i].uuid);
  auto object = Napi::Object::New(env);
  object.Set("uuid", use.uuid);
  object.Set("pciAddress", use.pci_address);
  object.Set("processesReturn", use.processes_return);
  object.Set("samplesReturn", use.samples_return);
  object.Set("facts", Table(env, std::span(&use, 1)));
  object.Set("processes", Table(env, std::span(use.processes)));
  object.Set("samples", Table(env, std::span(use.samples)));
  object.Set("instances", Table(env, std::span(use.instances)));
  object.Set("instanceUuids", uuids);
  return object;
}

}  // namespace

Napi::Function NvmlUseFrames::Define(Napi::Env env) {
  return DefineClass(env, "NvmlUseFrames", {InstanceMethod<&NvmlUseFrames::Take>("take")});
}

NvmlUseFrames::NvmlUseFrames(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<NvmlUseFrames>(info), box_(std::make_shared<NvmlUseBox>(kMostFrames)) {
  info.This().As<Napi::Object>().TypeTag(&kUseTag);
}

std::shared_ptr<NvmlUseBox> NvmlUseFrames::BoxOf(const Arguments& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kUseTag)) options.Reject(name, "NvmlUseFrames");
  return Unwrap(value.As<Napi::Object>())->box_;
}

Napi::Value NvmlUseFrames::Take(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto taken = box_->Take();
  auto frames = Napi::Array::New(env, taken.size());
  for (uint32_t i = 0; i < taken.size(); ++i) {
    auto devices = Napi::Array::New(env, taken[i].devices.size());
    for (uint32_t k = 0; k < taken[i].devices.size(); ++k) devices.Set(k, Device(env, taken[i].devices[k]));
    auto frame = Napi::Object::New(env);
    frame.Set("beforeNs", Napi::BigInt::New(env, taken[i].before_ns));
    frame.Set("afterNs", Napi::BigInt::New(env, taken[i].after_ns));
    frame.Set("devices", devices);
    frames.Set(i, frame);
  }
  return frames;
}

std::unique_ptr<Reader> MakeNvmlUse(const Arguments& options) {
  return std::make_unique<NvmlUseReader>(NvmlUseOptions{
      options.String("library"), options.Int64("recoverAfterNs"), NvmlUseFrames::BoxOf(options, "frames"),
      NvmlRestOf(options)});
}

}  // namespace wattledger
