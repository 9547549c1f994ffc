#pragma once

#include <optional>

#include "core/result.h"
#include "core/stop_signal.h"
#include "ipmi/message.h"

namespace wattledger::ipmi {

// Carries requests to a BMC, one at a time. For one thread. Errors: kAbsent, kPermission, kTimeout and
// kTransient by the cause, kClosed when `stop` ended the wait; details as in failure.h. A failure other than
// a time-out or a stop leaves the transport unconnected when the connection is the cause.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual bool connected() const = 0;
  // Returns the reason when there is no connection afterwards.
  virtual std::optional<Error> Connect(int64_t deadline_ns, const StopSignal& stop) = 0;
  // Sends the request and waits for its own response, at least a completion code. What answers an earlier
  // request or none is dropped. `deadline_ns` is on CLOCK_MONOTONIC.
  virtual Result<Bytes> Exchange(const Request& request, int64_t deadline_ns, const StopSignal& stop) = 0;
  virtual void Disconnect() noexcept = 0;
};

}  // namespace wattledger::ipmi
