#include "ipmi/responses.h"

#include "ipmi/failure.h"

namespace wattledger::ipmi {
namespace {

std::optional<Error> CheckReading(ByteView response, size_t least) {
  if (auto error = CheckResponse(response, least)) return error;
  if ((response[2] & 0x20) != 0) return Error{Code::kTransient, kReadingUnavailable, "reading unavailable"};
  if ((response[2] & 0x40) == 0) return Error{Code::kTransient, kScanningDisabled, "scanning disabled"};
  return std::nullopt;
}

}  // namespace

std::optional<Error> CheckResponse(ByteView response, size_t least) {
  if (response.empty()) return Malformed("no completion code");
  if (response[0] != kOk) return Refusal(response[0]);
  if (response.size() < least) return Malformed("too short");
  return std::nullopt;
}

Request DeviceIdRequest() { return {{}, 0x06, 0x01, {}}; }

Result<DeviceId> ParseDeviceId(ByteView response) {
  if (auto error = CheckResponse(response, 12)) return *error;
  return DeviceId{Le16(response, 7) | uint32_t{response[9] & 0x0fu} << 16, Le16(response, 10),
                  static_cast<uint8_t>(response[3] & 0x7f), response[4], (response[3] & 0x80) != 0};
}

Request PowerReadingRequest() { return {{}, 0x2c, 0x02, {0xdc, 0x01, 0x00, 0x00}}; }

Result<PowerReading> ParsePowerReading(ByteView response) {
  if (auto error = CheckResponse(response, 19)) return *error;
  if (response[1] != 0xdc) return Malformed("not the DCMI group extension");
  return PowerReading{Le16(response, 2), Le16(response, 4), Le16(response, 6), response[18]};
}

Request SensorReadingRequest(const Address& owner, uint8_t number) { return {owner, 0x04, 0x2d, {number}}; }

Result<uint8_t> ParseSensorReading(ByteView response) {
  if (auto error = CheckReading(response, 3)) return *error;
  return response[1];
}

Result<uint8_t> ParseSensorStates(ByteView response) {
  if (auto error = CheckReading(response, 4)) return *error;
  return response[3];
}

}  // namespace wattledger::ipmi
