#include "binding/cgroup_frames.h"

#include "cgroup/cgroup_reader.h"

namespace wattledger {
namespace {

// Births that wait for JavaScript before those who came and went are left out: some 20 MB.
constexpr size_t kMostBirths = 100'000;
constexpr napi_type_tag kTag = {0x9d1f2c6b84e04a17, 0xa3c5be0f7d226e91};

Napi::BigUint64Array Flat(Napi::Env env, const std::vector<cgroup::Row>& rows) {
  auto flat = Napi::BigUint64Array::New(env, rows.size() * 10);
  size_t at = 0;
  for (const auto& row : rows) {
    const auto& limits = row.reservation;
    for (const uint64_t field :
         {row.id, row.usage_ns, row.memory_bytes, limits.quota_us, limits.period_us, limits.weight, limits.cpus,
          limits.memory_max, limits.memory_low, limits.memory_min}) {
      flat[at++] = field;
    }
  }
  return flat;
}

Napi::BigUint64Array Flat(Napi::Env env, const std::vector<cgroup::Birth>& births) {
  auto flat = Napi::BigUint64Array::New(env, births.size() * 4);
  size_t at = 0;
  for (const auto& birth : births) {
    for (const uint64_t field : {birth.id, birth.parent, birth.inode, uint64_t{birth.fresh}}) flat[at++] = field;
  }
  return flat;
}

Napi::BigUint64Array Flat(Napi::Env env, const std::vector<cgroup::Death>& deaths) {
  auto flat = Napi::BigUint64Array::New(env, deaths.size() * 3);
  size_t at = 0;
  for (const auto& death : deaths) {
    for (const uint64_t field : {death.id, death.usage_ns, static_cast<uint64_t>(death.unread_ns)}) flat[at++] = field;
  }
  return flat;
}

cgroup::Hierarchies HierarchiesOf(const Arguments& options) {
  cgroup::Hierarchies made;
  for (const Arguments& tree : options.Objects("trees")) {
    const std::string of = tree.String("of");
    const cgroup::Hierarchy hierarchy{tree.String("root"), tree.Uint32("version") == 2};
    if (of == "usage") made.usage = hierarchy;
    else if (of == "memory") made.memory = hierarchy;
    else if (of == "cpu") made.cpu = hierarchy;
    else if (of == "cpuset") made.cpuset = hierarchy;
    else tree.Reject("of", "usage, memory, cpu or cpuset");
  }
  made.stat = options.String("stat");
  return made;
}

}  // namespace

Napi::Function CgroupFrames::Define(Napi::Env env) {
  return DefineClass(env, "CgroupFrames", {InstanceMethod<&CgroupFrames::Take>("take")});
}

CgroupFrames::CgroupFrames(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<CgroupFrames>(info), box_(std::make_shared<cgroup::FrameBox>(kMostBirths)) {
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

std::shared_ptr<cgroup::FrameBox> CgroupFrames::BoxOf(const Arguments& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) options.Reject(name, "CgroupFrames");
  return Unwrap(value.As<Napi::Object>())->box_;
}

Napi::Value CgroupFrames::Take(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto frame = box_->Take();
  if (!frame) return env.Null();
  auto names = Napi::Array::New(env, frame->births.size());
  for (uint32_t i = 0; i < frame->births.size(); ++i) names.Set(i, frame->births[i].name);
  auto object = Napi::Object::New(env);
  object.Set("pass", Napi::BigInt::New(env, frame->pass));
  object.Set("beforeNs", Napi::BigInt::New(env, frame->before_ns));
  object.Set("afterNs", Napi::BigInt::New(env, frame->after_ns));
  object.Set("truncated", Napi::Number::New(env, static_cast<double>(frame->truncated)));
  object.Set("rows", Flat(env, frame->rows));
  object.Set("births", Flat(env, frame->births));
  object.Set("names", names);
  object.Set("deaths", Flat(env, frame->deaths));
  return object;
}

std::unique_ptr<Reader> MakeCgroup(const Arguments& options) {
  cgroup::TreeLimits limits;
  limits.groups = options.Uint32("mostGroups");
  limits.descriptors = options.Uint32("mostDescriptors");
  return std::make_unique<cgroup::CgroupReader>(HierarchiesOf(options), limits, CgroupFrames::BoxOf(options, "frames"));
}

}  // namespace wattledger
