#include "core/peer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "core/unique_fd.h"

namespace wattledger {
namespace {

TEST(Peer, IsTheProcessAtTheOtherEnd) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const UniqueFd one(ends[0]);
  const UniqueFd other(ends[1]);
  Result<Peer> peer = PeerOf(one.get());
  ASSERT_TRUE(peer.ok()) << peer.error().message;
  EXPECT_EQ(peer.value().pid, getpid());
  EXPECT_EQ(peer.value().uid, geteuid());
  EXPECT_EQ(peer.value().gid, getegid());
  EXPECT_EQ(static_cast<int>(peer.value().groups.size()), getgroups(0, nullptr));
}

TEST(Peer, IsNobodyWhereThereIsNoUnixSocket) {
  const UniqueFd tcp(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(PeerOf(tcp.get()).error().detail, ENOTCONN);
  EXPECT_EQ(PeerOf(-1).error().detail, EBADF);
}

}  // namespace
}  // namespace wattledger
