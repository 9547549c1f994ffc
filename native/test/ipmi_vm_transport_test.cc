#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "core/clock.h"
#include "ipmi/failure.h"
#include "ipmi/responses.h"
#include "ipmi/vm_transport.h"

namespace wattledger::ipmi {
namespace {

constexpr int64_t kMs = 1'000'000;

// A TCP peer on a thread of its own: serves one connection after another with `serve`, until it is destroyed.
class Peer {
 public:
  using Serve = std::function<void(int fd)>;

  explicit Peer(Serve serve) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener_.get(), 4), 0);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &length);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this, serve] {
      for (;;) {
        const UniqueFd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection.valid()) return;
        serve(connection.get());
      }
    });
  }
  ~Peer() {
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  uint16_t port = 0;

 private:
  UniqueFd listener_;
  std::thread thread_;
};

// Reads requests until the client goes, and answers each with the bytes that `answer` gives.
Peer::Serve Answering(std::function<Bytes(const VmMessage&)> answer) {
  return [answer](int fd) {
    VmDecoder decoder;
    uint8_t byte;
    while (read(fd, &byte, 1) == 1) {
      const auto request = decoder.Feed(byte);
      if (!request) continue;
      const Bytes bytes = answer(*request);
      if (!bytes.empty() && send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) return;
    }
  };
}

VmMessage AnswerTo(const VmMessage& request, Bytes data) {
  return {request.seq, static_cast<uint8_t>(request.netfn | 1), request.lun, request.cmd, std::move(data)};
}

void Append(Bytes& to, const Bytes& more) { to.insert(to.end(), more.begin(), more.end()); }

struct VmTransportTest : testing::Test {
  StopSignal stop;

  std::optional<Error> Connect(VmTransport& transport) {
    return transport.Connect(MonotonicNs() + 2000 * kMs, stop);
  }
  Result<Bytes> Ask(VmTransport& transport, int64_t patience_ns = 2000 * kMs) {
    return transport.Exchange(PowerReadingRequest(), MonotonicNs() + patience_ns, stop);
  }
};

TEST_F(VmTransportTest, FindsItsAnswerAmongEverythingElse) {
  Peer peer(Answering([](const VmMessage& request) {
    Bytes bytes{0x01, 0xa1, 0xa0, 0x05, 0xaa, 0xa0};
    VmMessage other = AnswerTo(request, {0x00, 0x66});
    other.seq = static_cast<uint8_t>(request.seq - 1);
    Append(bytes, EncodeVm(other));
    other.seq = request.seq;
    other.cmd = static_cast<uint8_t>(request.cmd + 1);
    Append(bytes, EncodeVm(other));
    Append(bytes, EncodeVm({request.seq, request.netfn, request.lun, request.cmd, {0x00, 0x66}}));
    Append(bytes, EncodeVm(AnswerTo(request, {})));
    Append(bytes, EncodeVm(AnswerTo(request, {0x00, 0xa0, 0xa1, 0xaa})));
    return bytes;
  }));
  VmTransport transport("127.0.0.1", peer.port);
  ASSERT_FALSE(Connect(transport));
  for (int i = 0; i < 300; ++i) EXPECT_EQ(Ask(transport).value(), (Bytes{0x00, 0xa0, 0xa1, 0xaa}));
}

TEST_F(VmTransportTest, DropsTheAnswerThatCameTooLate) {
  std::optional<VmMessage> late;
  Peer peer(Answering([&](const VmMessage& request) {
    if (!late) {
      late = request;
      return Bytes();
    }
    Bytes bytes = EncodeVm(AnswerTo(*late, {0x00, 0x11}));
    Append(bytes, EncodeVm(AnswerTo(request, {0x00, 0x22})));
    return bytes;
  }));
  VmTransport transport("localhost", peer.port);
  ASSERT_FALSE(Connect(transport));
  EXPECT_EQ(Ask(transport, 30 * kMs).error().code, Code::kTimeout);
  EXPECT_TRUE(transport.connected());
  EXPECT_EQ(Ask(transport).value(), (Bytes{0x00, 0x22}));
}

TEST_F(VmTransportTest, AFloodDoesNotOutlastTheDeadline) {
  Peer peer([](int fd) {
    const Bytes stranger = EncodeVm({0x77, 0x05, 0, 0x02, {0x00}});
    while (send(fd, stranger.data(), stranger.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  VmTransport transport("127.0.0.1", peer.port);
  ASSERT_FALSE(Connect(transport));
  const int64_t start_ns = MonotonicNs();
  EXPECT_EQ(Ask(transport, 50 * kMs).error().code, Code::kTimeout);
  EXPECT_LT(MonotonicNs() - start_ns, 10'000 * kMs);
  transport.Disconnect();
}

TEST_F(VmTransportTest, ConnectsAgainAfterThePeerWent) {
  int connections = 0;
  Peer peer([&](int fd) {
    if (++connections > 1) Answering([](const VmMessage& r) { return EncodeVm(AnswerTo(r, {0x00})); })(fd);
  });
  VmTransport transport("127.0.0.1", peer.port);
  ASSERT_FALSE(Connect(transport));
  EXPECT_EQ(Ask(transport).error().code, Code::kTransient);
  EXPECT_FALSE(transport.connected());
  ASSERT_FALSE(Connect(transport));
  EXPECT_TRUE(Ask(transport).ok());
  transport.Disconnect();
}

TEST_F(VmTransportTest, StopsInTheMidstOfAWait) {
  Peer peer(Answering([](const VmMessage&) { return Bytes(); }));
  VmTransport transport("127.0.0.1", peer.port);
  ASSERT_FALSE(Connect(transport));
  std::thread stopper([this] { stop.Request(); });
  EXPECT_EQ(Ask(transport, 60'000 * kMs).error().code, Code::kClosed);
  stopper.join();
  transport.Disconnect();
}

TEST_F(VmTransportTest, SaysWhyItCannotConnect) {
  VmTransport named("bmc.example", 9002);
  EXPECT_EQ(Connect(named)->code, Code::kAbsent);
  VmTransport refused("127.0.0.1", 1);
  const auto error = Connect(refused);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kTransient);
  EXPECT_EQ(error->message, "vm://127.0.0.1:1: Connection refused");
}

TEST_F(VmTransportTest, HasNoWayToSatellites) {
  VmTransport transport("127.0.0.1", 1);
  EXPECT_EQ(transport.Exchange(SensorReadingRequest({0x82, 0, 0}, 1), 0, stop).error().code, Code::kAbsent);
}

}  // namespace
}  // namespace wattledger::ipmi
