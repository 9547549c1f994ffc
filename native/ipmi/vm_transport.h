#pragma once

#include <string>

#include "core/unique_fd.h"
#include "ipmi/transport.h"
#include "ipmi/vm_codec.h"

namespace wattledger::ipmi {

// A BMC that speaks the VM codec over TCP. Sequence numbers go on across connections, so that the answer to a
// request that timed out is never taken for that of a later one. Has no way to satellite controllers.
class VmTransport : public Transport {
 public:
  // `host` is a numeric address or "localhost": no name is looked up, since that cannot be interrupted.
  VmTransport(std::string host, uint16_t port);

  bool connected() const override { return socket_.valid(); }
  std::optional<Error> Connect(int64_t deadline_ns, const StopSignal& stop) override;
  Result<Bytes> Exchange(const Request& request, int64_t deadline_ns, const StopSignal& stop) override;
  void Disconnect() noexcept override;

 private:
  std::optional<Error> Send(const Bytes& bytes, int64_t deadline_ns, const StopSignal& stop);
  Result<Bytes> Receive(const VmMessage& sent, int64_t deadline_ns, const StopSignal& stop);
  Error Lost(int error_number);

  std::string host_;
  uint16_t port_;
  uint8_t seq_ = 0;
  UniqueFd socket_;
  VmDecoder decoder_;
};

}  // namespace wattledger::ipmi
