#include "hsmp/hsmp_port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/clock.h"

namespace wattledger {
namespace {

// Who passes messages on may be busy; the reader's deadline is another's matter.
constexpr int64_t kAnswerNs = 10'000'000'000;
constexpr std::string_view kSocket = "unix:";

int DeviceIoctl(int fd, unsigned long command, void* argument) { return ioctl(fd, command, argument); }

struct Answer {
  int32_t error_number;
  HsmpMessage message;
};
static_assert(sizeof(Answer) == 48);

// 0 once the whole of the answer is there.
int Receive(int fd, Answer& answer, const StopSignal& stop) {
  const int64_t deadline_ns = MonotonicNs() + kAnswerNs;
  for (size_t got = 0; got < sizeof answer;) {
    pollfd fds[] = {{fd, POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    const int64_t left_ms = (deadline_ns - MonotonicNs()) / 1'000'000;
    const int ready = left_ms > 0 ? poll(fds, 2, static_cast<int>(left_ms)) : 0;
    if (stop.requested()) return ECANCELED;
    if (ready == 0) return ETIMEDOUT;
    if (ready < 0 && errno != EINTR) return errno;
    if (fds[0].revents == 0) continue;
    const ssize_t length = recv(fd, reinterpret_cast<char*>(&answer) + got, sizeof answer - got, MSG_DONTWAIT);
    if (length == 0) return ECONNRESET;
    if (length < 0 && errno != EAGAIN && errno != EINTR) return errno;
    if (length > 0) got += static_cast<size_t>(length);
  }
  return 0;
}

}  // namespace

HsmpDevice::HsmpDevice(std::string path, Ioctl ioctl)
    : path_(std::move(path)), ioctl_(ioctl != nullptr ? ioctl : DeviceIoctl) {}

int HsmpDevice::Ask(HsmpMessage& message, const StopSignal&) {
  if (!fd_.valid()) fd_ = UniqueFd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd_.valid() || ioctl_(fd_.get(), kHsmpIoctl, &message) == 0) return fd_.valid() ? 0 : errno;
  const int error_number = errno;
  if (error_number == ENODEV) fd_.Reset();  // a module that was loaded anew has another device
  return error_number;
}

int HsmpSocket::Ask(HsmpMessage& message, const StopSignal& stop) {
  const int unreachable = fd_.valid() ? 0 : Connect();
  if (unreachable != 0) return unreachable;
  return Exchange(message, stop);
}

int HsmpSocket::Connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return errno;
  fd_ = std::move(fd);
  return 0;
}

int HsmpSocket::Exchange(HsmpMessage& message, const StopSignal& stop) {
  Answer answer;
  const ssize_t sent = send(fd_.get(), &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
  const int failure = sent == sizeof message ? Receive(fd_.get(), answer, stop) : sent < 0 ? errno : EIO;
  if (failure != 0) fd_.Reset();  // an answer that comes late must not be taken for that of the next question
  if (failure != 0) return failure;
  if (answer.error_number != 0) return answer.error_number > 0 ? answer.error_number : EIO;
  if (answer.message.id != message.id || answer.message.socket != message.socket) return EBADMSG;
  message = answer.message;
  return 0;
}

std::unique_ptr<HsmpPort> HsmpPortOf(const std::string& name) {
  if (name.starts_with(kSocket)) return std::make_unique<HsmpSocket>(name.substr(kSocket.size()));
  return std::make_unique<HsmpDevice>(name);
}

}  // namespace wattledger
