#include "ipmi/vendor_energy.h"

#include "ipmi/failure.h"
#include "ipmi/responses.h"

namespace wattledger::ipmi {
namespace {

constexpr uint8_t kLenovoIana[] = {0x66, 0x4a, 0x00};

bool IsLenovo(ByteView response) {
  return response[1] == kLenovoIana[0] && response[2] == kLenovoIana[1] && response[3] == kLenovoIana[2];
}

}  // namespace

Request DellEnergyRequest() { return {{}, 0x30, 0x9c, {0x07, 0x01}}; }

Result<uint64_t> ParseDellEnergyWh(ByteView response) {
  if (auto error = CheckResponse(response, 25)) return *error;
  return uint64_t{Le32(response, 5)};
}

Request LenovoNodeEnergyRequest() { return {{}, 0x3a, 0x32, {0x04, 0x02, 0x00, 0x00, 0x00}}; }

Result<uint64_t> ParseLenovoNodeEnergyMj(ByteView response) {
  if (auto error = CheckResponse(response, 15)) return *error;
  // Later models answer the same request with 39 bytes that hold power, not energy.
  if (response.size() != 15) return Error{Code::kAbsent, kMalformed, "not the energy layout of the SD650"};
  const uint16_t millijoules = Le16(response, 7);
  if (millijoules > 999) return Malformed("more than 999 mJ beside the joules");
  return uint64_t{Le32(response, 3)} * 1000 + millijoules;
}

Request LenovoMeterHandleRequest() { return {{}, 0x2e, 0x82, {0x66, 0x4a, 0x00, 0x00, 0x00, 0x01}}; }

Result<uint8_t> ParseLenovoMeterHandle(ByteView response) {
  if (auto error = CheckResponse(response, 8)) return *error;
  if (!IsLenovo(response)) return Malformed("not Lenovo's number");
  // Versions 2.1, 2.6 and 2.9 are those whose layout is known.
  const bool known = response[5] == 2 && (response[6] == 1 || response[6] == 6 || response[6] == 9);
  if (!known) return Error{Code::kAbsent, kMalformed, "unknown version of the energy meter"};
  return response[7];
}

Request LenovoMeterEnergyRequest(uint8_t handle, bool ac) {
  return {{}, 0x2e, 0x81, {0x66, 0x4a, 0x00, handle, 0x01, 0x82, static_cast<uint8_t>(ac ? 1 : 0), 0x08}};
}

Result<uint64_t> ParseLenovoMeterEnergyMj(ByteView response) {
  if (auto error = CheckResponse(response, 12)) return *error;
  if (response.size() != 12) return Malformed("not 8 bytes of energy");
  if (!IsLenovo(response)) return Malformed("not Lenovo's number");
  uint64_t millijoules = 0;
  for (size_t at = 4; at < 12; ++at) millijoules = millijoules << 8 | response[at];
  return millijoules;
}

}  // namespace wattledger::ipmi
