#pragma once

#include <napi.h>

#include <memory>

#include "binding/arguments.h"
#include "core/reader.h"
#include "nvml/nvml_use_frame.h"

namespace wattledger {

// The JavaScript class `NvmlUseFrames`: the box between a reader of type `nvml-use`, which gets it as an option, and JavaScript.
class NvmlUseFrames : public Napi::ObjectWrap<NvmlUseFrames> {
 public:
  static Napi::Function Define(Napi::Env env);

  explicit NvmlUseFrames(const Napi::CallbackInfo& info);

  // The box of the object in the property `name`.
  static std::shared_ptr<NvmlUseBox> BoxOf(const Arguments& options, const char* name);

 private:
  Napi::Value Take(const Napi::CallbackInfo& info);

  const std::shared_ptr<NvmlUseBox> box_;
};

std::unique_ptr<Reader> MakeNvmlUse(const Arguments& options);

}  // namespace wattledger
