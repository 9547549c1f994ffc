#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "ipmi/message.h"

namespace wattledger::ipmi {

// Requests of the IPMI 2.0 and DCMI 1.5 specifications and parsers of their responses. Parsers are pure and
// take any bytes: a completion code other than 0 is a Refusal(), a wrong length or signature Malformed().

// Get Device ID (IPMI 2.0, section 20.1).
struct DeviceId {
  uint32_t manufacturer = 0;  // IANA enterprise number, 20 bits
  uint16_t product = 0;
  uint8_t firmware_major = 0;
  uint8_t firmware_minor = 0;  // BCD
  bool updating = false;       // firmware update or initialisation under way

  // Tells one kind of BMC from another: "674:256".
  std::string Identity() const { return std::to_string(manufacturer) + ":" + std::to_string(product); }
};
Request DeviceIdRequest();
Result<DeviceId> ParseDeviceId(ByteView response);

// DCMI Get Power Reading, mode 1 (DCMI 1.5, section 6.6.1). The extremes are those since an unknown reset; 0
// where the BMC keeps none.
struct PowerReading {
  uint16_t current_w = 0;
  uint16_t least_w = 0;
  uint16_t most_w = 0;
  uint8_t state =
      0;  // bit 6: measurement active. Real watts come with it clear, too, and no watts with it set
};
Request PowerReadingRequest();
Result<PowerReading> ParsePowerReading(ByteView response);

// Get Sensor Reading (IPMI 2.0, section 35.14): the raw byte of an analog sensor. Its flags say whether it is
// one: kTransient with kReadingUnavailable or kScanningDisabled when not.
Request SensorReadingRequest(const Address& owner, uint8_t number);
Result<uint8_t> ParseSensorReading(ByteView response);
// The same of a discrete sensor: its states 0 to 7, one bit each.
Result<uint8_t> ParseSensorStates(ByteView response);

// Completion code 0 and a length of at least `least`; nothing when both hold.
std::optional<Error> CheckResponse(ByteView response, size_t least);

}  // namespace wattledger::ipmi
