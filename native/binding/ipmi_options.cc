#include "binding/ipmi_options.h"

#include "ipmi/device_transport.h"
#include "ipmi/ipmi_reader.h"
#include "ipmi/scan_reader.h"
#include "ipmi/vm_transport.h"

namespace wattledger {
namespace {

// Reserved: no sensor has this number (IPMI 2.0, table 43-1).
constexpr uint8_t kNoSensor = 0xff;

std::unique_ptr<ipmi::Transport> MakeTransport(const Arguments& options) {
  const uint32_t port = options.Uint32("port");
  if (port == 0) return std::make_unique<ipmi::DeviceTransport>(options.String("path"));
  return std::make_unique<ipmi::VmTransport>(options.String("host"), static_cast<uint16_t>(port));
}

std::vector<ipmi::Source> Sources(const Arguments& options, const char* name) {
  std::vector<ipmi::Source> sources;
  for (const Arguments& source : options.Objects(name)) {
    const auto kind = ipmi::SourceKindOf(source.String("kind"));
    if (!kind) source.Reject("kind", "a kind of IPMI source");
    const auto byte = [&](const char* key) { return static_cast<uint8_t>(source.Uint32(key)); };
    ipmi::Source made{*kind, {byte("owner"), byte("channel"), byte("lun")}, byte("number")};
    if (byte("status") != kNoSensor) made.status = byte("status");
    sources.push_back(made);
  }
  return sources;
}

}  // namespace

std::unique_ptr<Reader> MakeIpmi(const Arguments& options) {
  return std::make_unique<ipmi::IpmiReader>(
      MakeTransport(options), options.Int64("deadlineNs"),
      ipmi::IpmiReaderOptions{Sources(options, "sources"), Sources(options, "absent"),
                              options.String("identity"), options.String("stamp"), options.Int64("watchNs")});
}

std::unique_ptr<Reader> MakeIpmiScan(const Arguments& options) {
  return std::make_unique<ipmi::ScanReader>(MakeTransport(options), options.Int64("deadlineNs"),
                                            options.String("knownStamp"));
}

}  // namespace wattledger
