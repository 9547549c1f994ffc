#include "binding/peer_credentials.h"

#include "core/peer.h"

namespace wattledger {

Napi::Value PeerCredentials(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "expected a number for fd");
  Result<Peer> peer = PeerOf(info[0].As<Napi::Number>().Int32Value());
  if (!peer.ok()) throw Napi::Error::New(env, peer.error().message);
  const auto& [pid, uid, gid, groups] = peer.value();
  Napi::Array list = Napi::Array::New(env, groups.size());
  for (std::size_t at = 0; at < groups.size(); ++at) list.Set(at, Napi::Number::New(env, groups[at]));
  Napi::Object credentials = Napi::Object::New(env);
  credentials.Set("pid", Napi::Number::New(env, pid));
  credentials.Set("uid", Napi::Number::New(env, uid));
  credentials.Set("gid", Napi::Number::New(env, gid));
  credentials.Set("groups", list);
  return credentials;
}

}  // namespace wattledger
