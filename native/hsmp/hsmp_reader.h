#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/reader.h"
#include "hsmp/hsmp_port.h"

namespace wattledger {

// The power of each socket of an EPYC (mW), as its firmware tells it (Documentation/arch/x86/amd_hsmp.rst), and behind it
// the package's energy where the firmware counts one. Attributes of both: `socket`, `quantity` (`power` or `energy`);
// `protocol` and `mostMw` where they are told; of energy `unit`, the register of its unit, and of both `value`, the first.
// Error details are errno values.
class HsmpReader : public Reader {
 public:
  explicit HsmpReader(std::unique_ptr<HsmpPort> port) : port_(std::move(port)) {}

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  void Close() noexcept override { port_->Close(); }

 private:
  struct Channel {
    HsmpQuestion question;
    uint16_t socket;
  };

  Result<uint64_t> Ask(HsmpQuestion question, uint16_t socket, const StopSignal& stop);
  // What passes, if anything did.
  std::optional<Error> TakeSocket(uint16_t socket, uint64_t power_mw, const StopSignal& stop,
                                  std::vector<ChannelInfo>& infos);

  const std::unique_ptr<HsmpPort> port_;
  std::vector<Channel> channels_;
};

}  // namespace wattledger
