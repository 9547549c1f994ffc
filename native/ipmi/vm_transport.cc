#include "ipmi/vm_transport.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

#include "core/clock.h"
#include "ipmi/failure.h"
#include "ipmi/wait.h"

namespace wattledger::ipmi {
namespace {

constexpr int64_t kFarewellNs = 100'000'000;

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

AddressList Resolve(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string numeric = host == "localhost" ? "127.0.0.1" : host;
  if (getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) found = nullptr;
  return {found, freeaddrinfo};
}

// Says that we go, and waits a little for the peer to notice. Simulators serve one connection at a time: one
// that is made while they still have the last is closed at once.
void AwaitEnd(int socket) {
  if (shutdown(socket, SHUT_WR) != 0) return;
  const int64_t until_ns = MonotonicNs() + kFarewellNs;
  for (int64_t left_ns = kFarewellNs; left_ns > 0; left_ns = until_ns - MonotonicNs()) {
    pollfd ready{socket, POLLIN, 0};
    const timespec left{0, left_ns};
    if (ppoll(&ready, 1, &left, nullptr) < 0 && errno != EINTR) return;
    std::array<uint8_t, 512> ignored;
    const ssize_t length = recv(socket, ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) return;
  }
}

bool Answers(const VmMessage& message, const VmMessage& sent) {
  return message.seq == sent.seq && message.netfn == (sent.netfn | 1) && message.lun == sent.lun &&
         message.cmd == sent.cmd && !message.data.empty();
}

}  // namespace

VmTransport::VmTransport(std::string host, uint16_t port) : host_(std::move(host)), port_(port) {}

std::optional<Error> VmTransport::Connect(int64_t deadline_ns, const StopSignal& stop) {
  Disconnect();
  const std::string where = "vm://" + host_ + ":" + std::to_string(port_);
  const auto address = Resolve(host_, port_);
  if (!address) return Error{Code::kAbsent, -EINVAL, where + ": the host is no numeric address"};
  UniqueFd fd(socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return SystemError(errno, "socket");
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd.get(), address->ai_addr, address->ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return SystemError(errno, where);
    if (auto error = Await(fd.get(), POLLOUT, deadline_ns, stop)) return error;
    int refused = 0;
    socklen_t length = sizeof refused;
    getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &refused, &length);
    if (refused != 0) return SystemError(refused, where);
  }
  socket_ = std::move(fd);
  return Send(VmGreeting(), deadline_ns, stop);
}

void VmTransport::Disconnect() noexcept {
  if (socket_.valid()) AwaitEnd(socket_.get());
  socket_.Reset();
  decoder_ = {};
}

Error VmTransport::Lost(int error_number) {
  Disconnect();
  return SystemError(error_number, "vm://" + host_ + ":" + std::to_string(port_));
}

std::optional<Error> VmTransport::Send(const Bytes& bytes, int64_t deadline_ns, const StopSignal& stop) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t length = send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (length >= 0) {
      sent += static_cast<size_t>(length);
    } else if (errno == EAGAIN) {
      if (auto error = Await(socket_.get(), POLLOUT, deadline_ns, stop)) {
        Disconnect();  // half a frame is on its way, which the next one must not follow
        return error;
      }
    } else if (errno != EINTR) {
      return Lost(errno);
    }
  }
  return std::nullopt;
}

Result<Bytes> VmTransport::Exchange(const Request& request, int64_t deadline_ns, const StopSignal& stop) {
  if (!request.to.IsBmc()) return Error{Code::kAbsent, kNotPresent, "no way to satellite controllers"};
  const VmMessage message{++seq_, request.netfn, request.to.lun, request.cmd, request.data};
  if (auto error = Send(EncodeVm(message), deadline_ns, stop)) return *error;
  return Receive(message, deadline_ns, stop);
}

Result<Bytes> VmTransport::Receive(const VmMessage& sent, int64_t deadline_ns, const StopSignal& stop) {
  std::array<uint8_t, 512> chunk;
  for (;;) {
    if (auto error = Await(socket_.get(), POLLIN, deadline_ns, stop)) return *error;
    const ssize_t length = recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (length == 0) return Lost(ECONNRESET);
    if (length < 0 && errno != EAGAIN && errno != EINTR) return Lost(errno);
    std::optional<VmMessage> answer;
    for (ssize_t i = 0; i < length; ++i) {
      auto message = decoder_.Feed(chunk[static_cast<size_t>(i)]);
      if (message && Answers(*message, sent)) answer = std::move(message);
    }
    if (answer) return std::move(answer->data);
  }
}

}  // namespace wattledger::ipmi
