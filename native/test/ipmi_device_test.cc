#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/ipmi.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <deque>
#include <functional>

#include "core/clock.h"
#include "ipmi/device_transport.h"
#include "ipmi/failure.h"
#include "ipmi/responses.h"

namespace wattledger::ipmi {
namespace {

struct Queued {
  int recv_type = IPMI_RESPONSE_RECV_TYPE;
  long msgid = 0;
  uint8_t netfn = 0, cmd = 0;
  Bytes data;
};

// The driver as ipmi_devintf.c behaves, in the place of ioctl(2): requests go to `on_send`, which queues what
// the BMC says. The descriptor is that of a FIFO, readable while the queue holds messages. The real driver
// needs a guest with a BMC, and is another test's.
struct FakeDriver {
  std::string path = testing::TempDir() + "ipmi-fifo-" + std::to_string(getpid());
  UniqueFd keep_open;
  std::deque<Queued> queue;
  std::function<void(const ipmi_req&)> on_send = [](const ipmi_req&) {};
  int interruptions = 0;  // calls to fail with EINTR first
  int send_error = 0;
  ipmi_system_interface_addr last_system_address{};
  ipmi_ipmb_addr last_bus_address{};

  FakeDriver() {
    mkfifo(path.c_str(), 0600);
    keep_open = UniqueFd(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  }
  ~FakeDriver() { unlink(path.c_str()); }

  void Queue(Queued message) {
    queue.push_back(std::move(message));
    EXPECT_EQ(write(keep_open.get(), "", 1), 1);
  }
  void Answer(const ipmi_req& request, Bytes data) {
    Queue({IPMI_RESPONSE_RECV_TYPE, request.msgid, static_cast<uint8_t>(request.msg.netfn | 1),
           request.msg.cmd, data});
  }

  int Ioctl(int fd, unsigned long command, void* argument) {
    if (interruptions > 0) {
      --interruptions;
      errno = EINTR;
      return -1;
    }
    if (command == IPMICTL_GET_MY_ADDRESS_CMD) return *static_cast<unsigned*>(argument) = kBmcAddress, 0;
    if (command == IPMICTL_SEND_COMMAND) return Send(*static_cast<ipmi_req*>(argument));
    return Receive(fd, *static_cast<ipmi_recv*>(argument));
  }

 private:
  int Send(const ipmi_req& request) {
    if (send_error != 0) {
      errno = send_error;
      return -1;
    }
    if (request.addr_len == sizeof last_system_address)
      memcpy(&last_system_address, request.addr, request.addr_len);
    memcpy(&last_bus_address, request.addr, sizeof last_bus_address);
    on_send(request);
    return 0;
  }
  int Receive(int fd, ipmi_recv& received) {
    char token;
    if (queue.empty() || read(fd, &token, 1) != 1) {
      errno = EAGAIN;
      return -1;
    }
    const Queued message = queue.front();
    queue.pop_front();
    const size_t room = received.msg.data_len;
    received.recv_type = message.recv_type;
    received.msgid = message.msgid;
    received.msg.netfn = message.netfn;
    received.msg.cmd = message.cmd;
    received.msg.data_len = static_cast<unsigned short>(std::min(room, message.data.size()));
    std::copy_n(message.data.begin(), received.msg.data_len, received.msg.data);
    if (message.data.size() <= room) return 0;
    errno = EMSGSIZE;
    return -1;
  }
};

FakeDriver* driver = nullptr;

}  // namespace

int InterposedIoctl(int fd, unsigned long command, void* argument) {
  const bool is_ipmi = _IOC_TYPE(command) == IPMI_IOC_MAGIC;
  if (driver && is_ipmi) return driver->Ioctl(fd, command, argument);
  return static_cast<int>(syscall(SYS_ioctl, fd, command, argument));
}

namespace {

struct DeviceTransportTest : testing::Test {
  FakeDriver fake;
  StopSignal stop;
  DeviceTransport transport{fake.path};

  void SetUp() override {
    driver = &fake;
    ASSERT_FALSE(transport.Connect(0, stop));
  }
  void TearDown() override { driver = nullptr; }

  Result<Bytes> Ask(int64_t patience_ns = 2'000'000'000, Request request = PowerReadingRequest()) {
    return transport.Exchange(request, MonotonicNs() + patience_ns, stop);
  }
};

TEST_F(DeviceTransportTest, GivesTheAnswer) {
  fake.on_send = [&](const ipmi_req& request) {
    EXPECT_EQ(request.msg.netfn, 0x2c);
    EXPECT_EQ(request.msg.data_len, 4);
    EXPECT_EQ(request.msg.data[0], 0xdc);
    fake.Answer(request, {0x00, 0xdc});
  };
  EXPECT_EQ(Ask().value(), (Bytes{0x00, 0xdc}));
  EXPECT_EQ(fake.last_system_address.addr_type, IPMI_SYSTEM_INTERFACE_ADDR_TYPE);
  EXPECT_EQ(fake.last_system_address.channel, IPMI_BMC_CHANNEL);
}

TEST_F(DeviceTransportTest, DropsALateAnswerAndTakesItsOwn) {
  std::optional<ipmi_req> unanswered;
  fake.on_send = [&](const ipmi_req& request) { unanswered = request; };
  EXPECT_EQ(Ask(20'000'000).error().code, Code::kTimeout);
  EXPECT_TRUE(transport.connected());
  fake.on_send = [&](const ipmi_req& request) {
    fake.Answer(*unanswered, {0x00, 0xdc, 0x99});
    fake.Answer(request, {0x00, 0xdc, 0x01});
  };
  EXPECT_EQ(Ask().value(), (Bytes{0x00, 0xdc, 0x01}));
}

TEST_F(DeviceTransportTest, DropsWhatIsNoAnswer) {
  fake.on_send = [&](const ipmi_req& request) {
    const uint8_t netfn = request.msg.netfn | 1, cmd = request.msg.cmd;
    fake.Queue({IPMI_ASYNC_EVENT_RECV_TYPE, request.msgid, netfn, cmd, {0x00, 0x66}});
    fake.Queue({IPMI_CMD_RECV_TYPE, request.msgid, netfn, cmd, {0x00, 0x66}});
    fake.Queue({IPMI_RESPONSE_RECV_TYPE, request.msgid, netfn, static_cast<uint8_t>(cmd + 1), {0x00, 0x66}});
    fake.Queue({IPMI_RESPONSE_RECV_TYPE, request.msgid, request.msg.netfn, cmd, {0x00, 0x66}});
    fake.Answer(request, {0x00, 0x77});
  };
  EXPECT_EQ(Ask().value(), (Bytes{0x00, 0x77}));
}

TEST_F(DeviceTransportTest, AFloodOfStrangersDoesNotOutlastTheDeadline) {
  fake.on_send = [&](const ipmi_req&) {
    for (int i = 0; i < 1000; ++i) fake.Queue({IPMI_ASYNC_EVENT_RECV_TYPE, 0, 4, 2, {0x00}});
  };
  const int64_t start_ns = MonotonicNs();
  EXPECT_EQ(Ask(50'000'000).error().code, Code::kTimeout);
  EXPECT_LT(MonotonicNs() - start_ns, 10'000'000'000);
}

TEST_F(DeviceTransportTest, RefusesTruncatedAndEmptyAnswers) {
  fake.on_send = [&](const ipmi_req& request) { fake.Answer(request, Bytes(300, 0)); };
  EXPECT_EQ(Ask().error().code, Code::kCorrupt);
  fake.on_send = [&](const ipmi_req& request) { fake.Answer(request, {}); };
  EXPECT_EQ(Ask().error().code, Code::kCorrupt);
  fake.on_send = [&](const ipmi_req& request) {
    fake.Queue({IPMI_ASYNC_EVENT_RECV_TYPE, 0, 4, 2, Bytes(300, 0)});
    fake.Answer(request, {0x00});
  };
  EXPECT_TRUE(Ask().ok());
}

TEST_F(DeviceTransportTest, GoesOnAfterSignals) {
  fake.on_send = [&](const ipmi_req& request) { fake.Answer(request, {0x00}); };
  fake.interruptions = 3;
  EXPECT_TRUE(Ask().ok());
}

TEST_F(DeviceTransportTest, ReopensAfterTheInterfaceWent) {
  fake.send_error = ENODEV;
  EXPECT_EQ(Ask().error().code, Code::kAbsent);
  EXPECT_FALSE(transport.connected());
  fake.send_error = 0;
  fake.on_send = [&](const ipmi_req& request) { fake.Answer(request, {0x00}); };
  ASSERT_FALSE(transport.Connect(0, stop));
  EXPECT_TRUE(Ask().ok());
}

TEST_F(DeviceTransportTest, AsksSatellitesOverTheirBus) {
  fake.on_send = [&](const ipmi_req& request) { fake.Answer(request, {0x00, 0x01, 0x40}); };
  EXPECT_TRUE(Ask(2'000'000'000, SensorReadingRequest({0x2c, 6, 1}, 9)).ok());
  EXPECT_EQ(fake.last_bus_address.addr_type, IPMI_IPMB_ADDR_TYPE);
  EXPECT_EQ(fake.last_bus_address.channel, 6);
  EXPECT_EQ(fake.last_bus_address.slave_addr, 0x2c);
  EXPECT_EQ(fake.last_bus_address.lun, 1);
}

TEST_F(DeviceTransportTest, StopsWhenItIsTold) {
  stop.Request();
  EXPECT_EQ(Ask().error().code, Code::kClosed);
}

TEST(DeviceTransport, SaysWhatIsWrongWithThePath) {
  StopSignal stop;
  const std::string plain = testing::TempDir() + "plain-" + std::to_string(getpid());
  UniqueFd(open(plain.c_str(), O_CREAT | O_WRONLY, 0600)).Reset();
  const auto not_ipmi = DeviceTransport(plain).Connect(0, stop);
  unlink(plain.c_str());
  ASSERT_TRUE(not_ipmi);
  EXPECT_EQ(not_ipmi->code, Code::kAbsent);
  EXPECT_EQ(not_ipmi->message, plain + ": not an IPMI device");
  const auto missing = DeviceTransport(plain).Connect(0, stop);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->code, Code::kAbsent);
  EXPECT_EQ(missing->detail, -ENOENT);
}

}  // namespace
}  // namespace wattledger::ipmi

// Takes the place of libc's for the whole test program.
extern "C" int ioctl(int fd, unsigned long command, ...) noexcept {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return wattledger::ipmi::InterposedIoctl(fd, command, argument);
}
