#pragma once

#include <optional>
#include <string_view>

#include "core/result.h"
#include "ipmi/message.h"
#include "ipmi/responses.h"

namespace wattledger::ipmi {

// One quantity that a BMC tells: the request that asks for it, and how its response becomes the raw integer
// that src/native/addon.ts documents for each kind.
struct Source {
  enum class Kind { kPower, kSensor, kDellEnergy, kLenovoNodeEnergy, kLenovoDcEnergy, kLenovoAcEnergy };
  Kind kind = Kind::kPower;
  Address owner;
  uint8_t number = 0;  // of the sensor, or handle of the energy meter
  // The discrete sensor of the same owner that is asked when this one has no reading.
  std::optional<uint8_t> status = std::nullopt;

  // False for what another device with the same numbers would answer as well, in units that we would not
  // know.
  bool DependsOnRecords() const { return kind == Kind::kSensor; }
  Request ToRequest() const;
  Result<uint64_t> ValueOf(ByteView response) const;
  // Whether this failure leaves it to the status. That has raw integers of its own, which no reading has.
  bool LeavesItToStatus(const Error& error) const;
  Request ToStatusRequest() const { return SensorReadingRequest(owner, status.value_or(0)); }
  static Result<uint64_t> StatusValueOf(ByteView response);
};

// The names by which TypeScript calls the kinds.
std::optional<Source::Kind> SourceKindOf(std::string_view name);

}  // namespace wattledger::ipmi
