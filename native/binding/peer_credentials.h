#pragma once

#include <napi.h>

namespace wattledger {

// peerCredentials(fd): { pid, uid, gid, groups } of the other end of a unix socket. Throws an Error.
Napi::Value PeerCredentials(const Napi::CallbackInfo& info);

}  // namespace wattledger
