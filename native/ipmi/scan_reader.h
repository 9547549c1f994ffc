#pragma once

#include <memory>
#include <string>

#include "core/reader.h"
#include "ipmi/session.h"

namespace wattledger::ipmi {

// Looks a BMC through once, in Open(), and reads nothing afterwards. Its first channel is the BMC: attributes
// `identity`, `manufacturer`, `product`, `firmware`, `stamp` of its records, `records` (`read`, `known` when
// the stamp is the one given, or `failed` with the reason in `error` and its class in `error_code`), and
// `meter_handle` where a Lenovo energy meter answered. Each further channel is one sensor data record, in hex
// as `record`.
class ScanReader : public Reader {
 public:
  ScanReader(std::unique_ptr<Transport> transport, int64_t deadline_ns, std::string known_stamp);

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading>, const StopSignal&) override {}
  void Close() noexcept override { session_.Disconnect(); }

 private:
  // Adds the records to `channels`, and what became of them to the first.
  std::optional<Error> ScanRecords(std::vector<ChannelInfo>& channels, const StopSignal& stop);
  void AskMeterHandle(ChannelInfo& bmc, const StopSignal& stop);

  Session session_;
  const std::string known_stamp_;
};

}  // namespace wattledger::ipmi
