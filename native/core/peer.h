#pragma once

#include <sys/types.h>

#include <vector>

#include "core/result.h"

namespace wattledger {

// Who was at the other end of a unix socket when it connected.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

// unix(7): SO_PEERCRED and SO_PEERGROUPS. `detail` of the error is an errno.
Result<Peer> PeerOf(int fd);

}  // namespace wattledger
