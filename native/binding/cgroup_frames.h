#pragma once

#include <napi.h>

#include <memory>

#include "binding/arguments.h"
#include "cgroup/frame.h"
#include "core/reader.h"

namespace wattledger {

// The JavaScript class `CgroupFrames`: the box between a reader of type `cgroup`, which gets it as an option, and JavaScript.
class CgroupFrames : public Napi::ObjectWrap<CgroupFrames> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit CgroupFrames(const Napi::CallbackInfo& info);

  // The box of the object in the property `name`.
  static std::shared_ptr<cgroup::FrameBox> BoxOf(const Arguments& options, const char* name);

 private:
  Napi::Value Take(const Napi::CallbackInfo& info);

  const std::shared_ptr<cgroup::FrameBox> box_;
};

std::unique_ptr<Reader> MakeCgroup(const Arguments& options);

}  // namespace wattledger
