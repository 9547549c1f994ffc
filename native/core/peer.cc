#include "core/peer.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace wattledger {
namespace {

Error Fail(int error_number) {
  return {CodeOfErrno(error_number), error_number,
          std::string("peer of a socket: ") + std::strerror(error_number)};
}

}  // namespace

Result<Peer> PeerOf(int fd) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return Fail(errno);
  // Without a peer, as for a TCP connection, the kernel says pid 0 and no user.
  if (credentials.pid == 0 || credentials.uid == static_cast<uid_t>(-1)) return Fail(ENOTCONN);
  Peer peer{credentials.pid, credentials.uid, credentials.gid, {}};
  size = 0;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, nullptr, &size) != 0 && errno != ERANGE) return Fail(errno);
  peer.groups.resize(size / sizeof(gid_t));
  if (!peer.groups.empty() && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) != 0) {
    return Fail(errno);
  }
  return peer;
}

}  // namespace wattledger
