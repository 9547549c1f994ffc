#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace wattledger::ipmi {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

// Slave address of the baseboard management controller itself (IPMI 2.0, section 5.5).
inline constexpr uint8_t kBmcAddress = 0x20;

// To whom a request goes: the BMC, or a satellite controller on one of its buses that owns a sensor.
struct Address {
  uint8_t owner = kBmcAddress;
  uint8_t channel = 0;
  uint8_t lun = 0;

  bool IsBmc() const { return owner == kBmcAddress; }
};

struct Request {
  Address to;
  uint8_t netfn = 0;
  uint8_t cmd = 0;
  Bytes data;
};

// A response is the completion code and what follows it, as the offsets of the IPMI specification's tables
// count.
inline constexpr uint8_t kOk = 0x00;
inline constexpr uint8_t kNodeBusy = 0xc0;
inline constexpr uint8_t kTimeoutCode = 0xc3;
inline constexpr uint8_t kReservationLost = 0xc5;
inline constexpr uint8_t kTruncated = 0xc6;
inline constexpr uint8_t kLengthExceeded = 0xc8;
inline constexpr uint8_t kCannotReturnBytes = 0xca;
inline constexpr uint8_t kNotPresent = 0xcb;
inline constexpr uint8_t kDuplicated = 0xcf;
inline constexpr uint8_t kNoResponse = 0xce;
inline constexpr uint8_t kFirmwareUpdate = 0xd1;
inline constexpr uint8_t kInitialising = 0xd2;
inline constexpr uint8_t kDestinationUnavailable = 0xd3;
inline constexpr uint8_t kPrivilege = 0xd4;
inline constexpr uint8_t kUnspecified = 0xff;

inline uint16_t Le16(ByteView bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] | bytes[at + 1] << 8);
}
inline uint32_t Le32(ByteView bytes, size_t at) {
  return Le16(bytes, at) | uint32_t{Le16(bytes, at + 2)} << 16;
}

}  // namespace wattledger::ipmi
