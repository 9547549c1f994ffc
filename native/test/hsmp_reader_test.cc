#include "hsmp/hsmp_reader.h"

#include <gtest/gtest.h>
#include <linux/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <thread>

namespace wattledger {
namespace {

static_assert(kHsmpIoctl == _IOWR(0xF8, 0, HsmpMessage));

// The driver as hsmp.c behaves, in the place of ioctl(2): a word count that is not that of its table is EINVAL, a message
// beyond its table ENOMSG, a socket that is not there ENODEV.
struct FakeDriver {
  uint16_t sockets = 2;
  uint32_t last_message = 0x25;
  int error_number = 0;
  uint16_t busy_socket = 99;
  uint32_t busy_message = 99;
  uint64_t energy = 0x1'0000'0002;

  int Ioctl(unsigned long command, HsmpMessage& message) const {
    if (command != kHsmpIoctl) return ENOTTY;
    if (error_number != 0) return error_number;
    if (message.socket == busy_socket || message.id == busy_message) return ETIMEDOUT;
    if (message.id > last_message) return ENOMSG;
    const uint16_t words = message.id == 0x32 ? 2 : 1;
    if (message.argument_count != 0 || message.response_count != words) return EINVAL;
    if (message.socket >= sockets) return ENODEV;
    switch (message.id) {
      case 0x03:
        message.arguments[0] = 5;
        return 0;
      case 0x04:
        message.arguments[0] = 123'456 + message.socket;
        return 0;
      case 0x07:
        message.arguments[0] = 400'000;
        return 0;
      case 0x30:
        message.arguments[0] = 14 << 8;
        return 0;
      case 0x32:
        message.arguments[0] = static_cast<uint32_t>(energy);
        message.arguments[1] = static_cast<uint32_t>(energy >> 32);
        return 0;
      default:
        return EINVAL;  // whoever asks for more than that may set something
    }
  }
};

FakeDriver* driver = nullptr;

int FakeIoctl(int, unsigned long command, void* argument) {
  errno = driver->Ioctl(command, *static_cast<HsmpMessage*>(argument));
  return errno == 0 ? 0 : -1;
}

class HsmpReaderTest : public testing::Test {
 protected:
  HsmpReaderTest() { driver = &driver_; }
  ~HsmpReaderTest() override { driver = nullptr; }

  static std::unique_ptr<HsmpReader> OnDevice(const char* path = "/dev/null") {
    return std::make_unique<HsmpReader>(std::make_unique<HsmpDevice>(path, FakeIoctl));
  }
  std::vector<Reading> Read(Reader& reader, size_t width) {
    std::vector<Reading> readings(width);
    reader.Read(readings, stop_);
    return readings;
  }

  FakeDriver driver_;
  StopSignal stop_;
};

TEST_F(HsmpReaderTest, ReadsThePowerOfEachSocket) {
  const auto reader = OnDevice();
  const auto opened = reader->Open(stop_);
  ASSERT_EQ(opened.value().size(), 2u);
  const auto& second = opened.value()[1].attributes;
  EXPECT_EQ(second.at("socket"), "1");
  EXPECT_EQ(second.at("quantity"), "power");
  EXPECT_EQ(second.at("protocol"), "5");
  EXPECT_EQ(second.at("mostMw"), "400000");
  EXPECT_EQ(second.at("value"), "123457");
  const auto readings = Read(*reader, 2);
  EXPECT_EQ(readings[0].value, 123'456u);
  EXPECT_EQ(readings[1].value, 123'457u);
  EXPECT_LE(readings[0].after_ns, readings[1].before_ns);
}

TEST_F(HsmpReaderTest, ReadsTheEnergyOfFirmwareThatCountsIt) {
  driver_.last_message = 0x34;
  driver_.sockets = 1;
  const auto reader = OnDevice();
  const auto opened = reader->Open(stop_);
  ASSERT_EQ(opened.value().size(), 2u);
  EXPECT_EQ(opened.value()[1].attributes.at("quantity"), "energy");
  EXPECT_EQ(opened.value()[1].attributes.at("unit"), "3584");
  EXPECT_EQ(Read(*reader, 2)[1].value, 0x1'0000'0002u);
}

TEST_F(HsmpReaderTest, AFailureIsNoNumberAndPasses) {
  const auto reader = OnDevice();
  ASSERT_TRUE(reader->Open(stop_).ok());
  driver_.error_number = ETIMEDOUT;
  EXPECT_EQ(Read(*reader, 2)[1].code, Code::kTimeout);
  driver_.error_number = ENODEV;
  EXPECT_EQ(Read(*reader, 2)[0].code, Code::kAbsent);
  driver_.error_number = 0;
  EXPECT_EQ(Read(*reader, 2)[0].value, 123'456u);
  reader->Close();
  reader->Close();
}

TEST_F(HsmpReaderTest, FirmwareThatIsBusyIsNotTakenForOneThatLacksSomething) {
  driver_.last_message = 0x34;
  driver_.busy_socket = 1;
  EXPECT_EQ(OnDevice()->Open(stop_).error().code, Code::kTimeout);
  driver_.busy_socket = 99;
  driver_.busy_message = 0x32;
  EXPECT_EQ(OnDevice()->Open(stop_).error().detail, ETIMEDOUT);
  driver_.busy_message = 99;
  EXPECT_EQ(OnDevice()->Open(stop_).value().size(), 4u);
}

TEST_F(HsmpReaderTest, SaysWhyThereIsNothing) {
  EXPECT_EQ(OnDevice("/nowhere/hsmp")->Open(stop_).error().detail, ENOENT);
  driver_.sockets = 0;
  EXPECT_EQ(OnDevice()->Open(stop_).error().code, Code::kAbsent);
  driver_.error_number = EPERM;
  EXPECT_EQ(OnDevice()->Open(stop_).error().code, Code::kPermission);
  // Whatever stands at the device's path, the real call finds out that it is none.
  HsmpReader real(HsmpPortOf("/dev/null"));
  EXPECT_EQ(real.Open(stop_).error().detail, ENOTTY);
}

// The other side of a socket: what `answer` gives is sent for each message, for as long as the test wants.
class Listener {
 public:
  explicit Listener(std::function<std::string(HsmpMessage)> answer) {
    std::string pattern = (std::filesystem::temp_directory_path() / "hsmp-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    fd_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(fd_.get(), 4), 0);
    thread_ = std::thread([this, answer = std::move(answer)] { Serve(answer); });
  }
  ~Listener() {
    shutdown(fd_.get(), SHUT_RDWR);
    thread_.join();
    std::filesystem::remove_all(directory_);
  }
  std::string path() const { return (directory_ / "hsmp.sock").string(); }
  std::string name() const { return "unix:" + path(); }

 private:
  void Serve(const std::function<std::string(HsmpMessage)>& answer) {
    for (;;) {
      const UniqueFd peer(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer.valid()) return;
      for (HsmpMessage message; recv(peer.get(), &message, sizeof message, MSG_WAITALL) == sizeof message;) {
        const std::string text = answer(message);
        if (text.empty()) break;
        // In two pieces, as a stream may. Whoever asked may be gone.
        send(peer.get(), text.data(), 3, MSG_NOSIGNAL);
        send(peer.get(), text.data() + 3, text.size() - 3, MSG_NOSIGNAL);
      }
    }
  }

  std::filesystem::path directory_;
  UniqueFd fd_;
  std::thread thread_;
};

std::string Packed(int32_t error_number, const HsmpMessage& message) {
  return std::string(reinterpret_cast<const char*>(&error_number), 4) +
         std::string(reinterpret_cast<const char*>(&message), sizeof message);
}

TEST_F(HsmpReaderTest, ASocketPassesMessagesOn) {
  const FakeDriver firmware{.sockets = 1, .last_message = 0x34};
  Listener listener([firmware](HsmpMessage message) {
    const int32_t error_number = firmware.Ioctl(kHsmpIoctl, message);
    return Packed(error_number, message);
  });
  HsmpReader reader(HsmpPortOf(listener.name()));
  ASSERT_EQ(reader.Open(stop_).value().size(), 2u);
  EXPECT_EQ(Read(reader, 2)[0].value, 123'456u);
  EXPECT_EQ(Read(reader, 2)[1].value, 0x1'0000'0002u);
}

TEST_F(HsmpReaderTest, ASocketThatEndsOrAnswersSomethingElseIsAFailure) {
  int answers = 0;
  Listener listener([&answers](HsmpMessage message) {
    answers += 1;
    if (answers == 1) return std::string();
    if (answers == 2) message.id += 1;
    return Packed(answers == 3 ? -7 : 0, message);
  });
  const auto port = HsmpPortOf(listener.name());
  const auto ask = [&] {
    HsmpMessage message = HsmpMessageOf(HsmpQuestion::kSocketPower, 0);
    return port->Ask(message, stop_);
  };
  EXPECT_EQ(ask(), ECONNRESET);
  EXPECT_EQ(ask(), EBADMSG);
  EXPECT_EQ(ask(), EIO);
  EXPECT_EQ(ask(), 0);
  EXPECT_EQ(HsmpPortOf("unix:/" + std::string(200, 'a'))->Ask(*std::make_unique<HsmpMessage>(), stop_), ENAMETOOLONG);
}

TEST_F(HsmpReaderTest, ASocketThatIsSilentHoldsUpNoEnd) {
  StopSignal stop;
  Listener listener([&stop](HsmpMessage) {
    stop.Request();
    return std::string("none");
  });
  HsmpReader reader(HsmpPortOf(listener.name()));
  EXPECT_EQ(reader.Open(stop).error().detail, ECANCELED);
}

}  // namespace
}  // namespace wattledger
