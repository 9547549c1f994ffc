#pragma once

#include <memory>
#include <optional>

#include "ipmi/circuit_breaker.h"
#include "ipmi/responses.h"
#include "ipmi/transport.h"

namespace wattledger::ipmi {

// The way to one BMC, and the only one: every request passes Ask(), which holds it against the allow-list and
// against the circuit breaker. Owns its transport, so that nothing else can send.
class Session {
 public:
  // `deadline_ns` is for each request.
  Session(std::unique_ptr<Transport> transport, int64_t deadline_ns);

  bool connected() const { return transport_->connected() && device_.has_value(); }
  // Connects and asks the BMC who it is. Vendor commands are refused before.
  Result<DeviceId> Connect(const StopSignal& stop);
  // The response with its completion code. kClosed with kRefused for what is not on the allow-list; kTimeout
  // with kBackingOff while the BMC is left alone.
  Result<Bytes> Ask(const Request& request, const StopSignal& stop);
  void Disconnect() noexcept;

 private:
  Result<Bytes> Settle(Result<Bytes> outcome);

  std::unique_ptr<Transport> transport_;
  int64_t deadline_ns_;
  CircuitBreaker breaker_;
  std::optional<DeviceId> device_;
};

}  // namespace wattledger::ipmi
