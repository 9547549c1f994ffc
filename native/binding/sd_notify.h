#pragma once

#include <napi.h>

namespace wattledger {

// The JavaScript function `sdNotify(state)`: whether NOTIFY_SOCKET is set and was told. Throws what the
// socket refused.
Napi::Value SdNotify(const Napi::CallbackInfo& info);

}  // namespace wattledger
