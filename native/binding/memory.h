#pragma once

#include <napi.h>

namespace wattledger {

// The JavaScript functions of the same names: what may be given back of Node's file, of malloc(3) and of V8's heap.
// CollectGarbage is false where this Node has no such, and nothing was done.
void ForgetProgram(const Napi::CallbackInfo& info);
void TrimMemory(const Napi::CallbackInfo& info);
Napi::Value CollectGarbage(const Napi::CallbackInfo& info);

}  // namespace wattledger
