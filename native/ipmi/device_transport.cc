#include "ipmi/device_transport.h"

#include <fcntl.h>
#include <linux/ipmi.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ipmi/failure.h"
#include "ipmi/wait.h"

namespace wattledger::ipmi {
namespace {

int Ioctl(int fd, unsigned long command, void* argument) {
  int result = 0;
  do {
    result = ioctl(fd, command, argument);
  } while (result < 0 && errno == EINTR);
  return result;
}

struct KernelAddress {
  ipmi_addr storage{};
  unsigned length = 0;
};

template <typename T>
KernelAddress Pack(const T& address) {
  KernelAddress packed;
  static_assert(sizeof(T) <= sizeof packed.storage);
  memcpy(&packed.storage, &address, sizeof address);
  packed.length = sizeof address;
  return packed;
}

KernelAddress KernelAddressOf(const Address& to) {
  if (to.IsBmc()) {
    return Pack(ipmi_system_interface_addr{IPMI_SYSTEM_INTERFACE_ADDR_TYPE, IPMI_BMC_CHANNEL, to.lun});
  }
  return Pack(ipmi_ipmb_addr{IPMI_IPMB_ADDR_TYPE, to.channel, to.owner, to.lun});
}

}  // namespace

DeviceTransport::DeviceTransport(std::string path) : path_(std::move(path)) {}

std::optional<Error> DeviceTransport::Connect(int64_t, const StopSignal&) {
  Disconnect();
  UniqueFd fd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return SystemError(errno, path_);
  unsigned own_address = 0;
  if (Ioctl(fd.get(), IPMICTL_GET_MY_ADDRESS_CMD, &own_address) < 0) {
    if (errno == ENOTTY) return Error{Code::kAbsent, -ENOTTY, path_ + ": not an IPMI device"};
    return SystemError(errno, path_);
  }
  device_ = std::move(fd);
  return std::nullopt;
}

Error DeviceTransport::Lost(int error_number, const char* what) {
  // The driver gives each open file a queue of its own: a new one begins empty.
  Disconnect();
  return SystemError(error_number, path_ + ": " + what);
}

Result<Bytes> DeviceTransport::Exchange(const Request& request, int64_t deadline_ns, const StopSignal& stop) {
  ++msgid_;
  if (auto error = Send(request)) return *error;
  for (;;) {
    if (auto error = Await(device_.get(), POLLIN, deadline_ns, stop)) return *error;
    auto taken = Take(request);
    if (!taken.ok()) return taken.error();
    if (taken.value()) return std::move(*taken.value());
  }
}

std::optional<Error> DeviceTransport::Send(const Request& request) {
  KernelAddress address = KernelAddressOf(request.to);
  Bytes data = request.data;
  ipmi_req send{};
  send.addr = reinterpret_cast<unsigned char*>(&address.storage);
  send.addr_len = address.length;
  send.msgid = msgid_;
  send.msg = {request.netfn, request.cmd, static_cast<unsigned short>(data.size()), data.data()};
  if (Ioctl(device_.get(), IPMICTL_SEND_COMMAND, &send) < 0) return Lost(errno, "sending");
  return std::nullopt;
}

Result<std::optional<Bytes>> DeviceTransport::Take(const Request& request) {
  ipmi_addr from{};
  std::array<unsigned char, IPMI_MAX_MSG_LENGTH> data;
  ipmi_recv received{};
  received.addr = reinterpret_cast<unsigned char*>(&from);
  received.addr_len = sizeof from;
  received.msg.data = data.data();
  received.msg.data_len = data.size();
  bool truncated = false;
  if (Ioctl(device_.get(), IPMICTL_RECEIVE_MSG_TRUNC, &received) < 0) {
    if (errno == EAGAIN) return std::optional<Bytes>();
    if (errno != EMSGSIZE) return Lost(errno, "receiving");
    truncated = true;  // delivered all the same, so that its number tells whose it is
  }
  const bool ours = received.recv_type == IPMI_RESPONSE_RECV_TYPE && received.msgid == msgid_ &&
                    received.msg.netfn == (request.netfn | 1) && received.msg.cmd == request.cmd;
  if (!ours) return std::optional<Bytes>();
  if (truncated) return Malformed("longer than any IPMI message");
  if (received.msg.data_len == 0) return Malformed("no completion code");
  return std::optional(Bytes(data.begin(), data.begin() + received.msg.data_len));
}

}  // namespace wattledger::ipmi
