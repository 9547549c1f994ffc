#include "systemd/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "core/unique_fd.h"

namespace wattledger {
namespace {

// The service manager's end: a bound datagram socket.
class Manager {
 public:
  explicit Manager(const std::string& address)
      : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un bound{};
    bound.sun_family = AF_UNIX;
    std::memcpy(bound.sun_path, address.data(), address.size());
    if (address.front() == '@') bound.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&bound), length), 0) << std::strerror(errno);
  }
  std::string Receive() {
    std::string text(4096, '\0');
    const ssize_t length = recv(fd_.get(), text.data(), text.size(), 0);
    return length < 0 ? std::string("nothing") : text.substr(0, static_cast<size_t>(length));
  }

 private:
  UniqueFd fd_;
};

class NotifyTest : public testing::Test {
 protected:
  NotifyTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "notify-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~NotifyTest() override { std::filesystem::remove_all(directory_); }
  std::string Path(const std::string& name) { return (directory_ / name).string(); }
  std::filesystem::path directory_;
};

TEST_F(NotifyTest, ReachesASocketInTheFileSystem) {
  Manager manager(Path("notify"));
  EXPECT_FALSE(Notify(Path("notify"), "READY=1\nSTATUS=counting").has_value());
  EXPECT_EQ(manager.Receive(), "READY=1\nSTATUS=counting");
  EXPECT_EQ(manager.Receive(), "nothing");
}

TEST_F(NotifyTest, ReachesAnAbstractSocketAndNotItsNamesakes) {
  const std::string name = "@wattledger-test-" + std::to_string(getpid());
  Manager manager(name);
  Manager longer(name + std::string(1, '\0'));
  EXPECT_FALSE(Notify(name, "WATCHDOG=1").has_value());
  EXPECT_EQ(manager.Receive(), "WATCHDOG=1");
  EXPECT_EQ(longer.Receive(), "nothing");
}

TEST_F(NotifyTest, FillsTheLongestAddressAndRefusesALongerOne) {
  const std::string longest = "@" + std::string(sizeof(sockaddr_un{}.sun_path) - 2, 'x');
  Manager manager(longest);
  EXPECT_FALSE(Notify(longest, "READY=1").has_value());
  EXPECT_EQ(manager.Receive(), "READY=1");
  EXPECT_EQ(Notify(longest + "x", "READY=1")->detail, ENAMETOOLONG);
}

TEST_F(NotifyTest, SaysWhyNobodyHeard) {
  EXPECT_EQ(Notify(Path("nobody"), "READY=1")->detail, ENOENT);
  EXPECT_EQ(Notify(Path("nobody"), "READY=1")->code, Code::kAbsent);
  { Manager gone(Path("gone")); }
  EXPECT_EQ(Notify(Path("gone"), "READY=1")->detail, ECONNREFUSED);
  for (const char* address : {"", "/", "@", "relative", "vsock:2:1234"}) {
    EXPECT_EQ(Notify(address, "READY=1")->detail, EAFNOSUPPORT) << address;
  }
}

TEST_F(NotifyTest, GivesUpOnAManagerThatDoesNotRead) {
  Manager manager(Path("full"));
  std::optional<Error> error;
  // The queue of a datagram socket holds net.unix.max_dgram_qlen messages.
  for (int sent = 0; sent < 100'000 && !error; ++sent) error = Notify(Path("full"), "WATCHDOG=1");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->detail, EAGAIN);
  EXPECT_EQ(error->code, Code::kTransient);
}

}  // namespace
}  // namespace wattledger
