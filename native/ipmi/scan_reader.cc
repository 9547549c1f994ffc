#include "ipmi/scan_reader.h"

#include "ipmi/allow_list.h"
#include "ipmi/failure.h"
#include "ipmi/hex.h"
#include "ipmi/repository.h"
#include "ipmi/vendor_energy.h"

namespace wattledger::ipmi {

ScanReader::ScanReader(std::unique_ptr<Transport> transport, int64_t deadline_ns, std::string known_stamp)
    : session_(std::move(transport), deadline_ns), known_stamp_(std::move(known_stamp)) {}

Result<std::vector<ChannelInfo>> ScanReader::Open(const StopSignal& stop) {
  const auto connected = session_.Connect(stop);
  if (!connected.ok()) return connected.error();
  const DeviceId& device = connected.value();
  if (device.updating) return Error{Code::kTransient, kFirmwareUpdate, "the BMC is updating or initialising"};
  std::vector<ChannelInfo> channels{{"bmc",
                                     {{"identity", device.Identity()},
                                      {"manufacturer", std::to_string(device.manufacturer)},
                                      {"product", std::to_string(device.product)},
                                      {"firmware", std::to_string(device.firmware_major) + "." +
                                                       Hex(std::span(&device.firmware_minor, 1))}}}};
  if (device.manufacturer == kLenovo) AskMeterHandle(channels[0], stop);
  if (const auto error = ScanRecords(channels, stop)) {
    if (error->code == Code::kClosed) return *error;
    // Power readings need no records: what can be read without them still is.
    channels.resize(1);
    channels[0].attributes["records"] = "failed";
    channels[0].attributes["error"] = error->message;
    channels[0].attributes["error_code"] = std::to_string(static_cast<unsigned>(error->code));
  }
  return channels;
}

std::optional<Error> ScanReader::ScanRecords(std::vector<ChannelInfo>& channels, const StopSignal& stop) {
  const auto repository = FindRepository(session_, stop);
  if (!repository.ok()) return repository.error();
  const auto& [kind, stamp] = repository.value();
  auto& attributes = channels[0].attributes;
  attributes["stamp"] = stamp;
  attributes["records"] = "known";
  if (!stamp.empty() && stamp == known_stamp_) return std::nullopt;
  attributes["records"] = "read";
  const auto records = ReadRecords(session_, kind, stop);
  if (!records.ok()) return records.error();
  for (const Bytes& record : records.value()) {
    channels.push_back({"sdr-" + Hex(ByteView(record).first(2)), {{"record", Hex(record)}}});
  }
  return std::nullopt;
}

void ScanReader::AskMeterHandle(ChannelInfo& bmc, const StopSignal& stop) {
  const auto response = session_.Ask(LenovoMeterHandleRequest(), stop);
  if (!response.ok()) return;
  const auto handle = ParseLenovoMeterHandle(response.value());
  if (handle.ok()) bmc.attributes["meter_handle"] = std::to_string(handle.value());
}

}  // namespace wattledger::ipmi
