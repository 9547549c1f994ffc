#pragma once

#include <string>

#include "core/unique_fd.h"
#include "ipmi/transport.h"

namespace wattledger::ipmi {

// The kernel's character device (drivers/char/ipmi/ipmi_devintf.c). Opened for reading alone, which suffices
// for every ioctl. The driver matches responses to requests by a number that goes on for the life of this
// object.
class DeviceTransport : public Transport {
 public:
  explicit DeviceTransport(std::string path);

  bool connected() const override { return device_.valid(); }
  std::optional<Error> Connect(int64_t deadline_ns, const StopSignal& stop) override;
  Result<Bytes> Exchange(const Request& request, int64_t deadline_ns, const StopSignal& stop) override;
  void Disconnect() noexcept override { device_.Reset(); }

 private:
  std::optional<Error> Send(const Request& request);
  // The response if it is the next message in the queue and ours, nothing if it is another message.
  Result<std::optional<Bytes>> Take(const Request& request);
  Error Lost(int error_number, const char* what);

  std::string path_;
  long msgid_ = 0;
  UniqueFd device_;
};

}  // namespace wattledger::ipmi
