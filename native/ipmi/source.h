#pragma once

#include <optional>
#include <string_view>

#include "core/result.h"
#include "ipmi/message.h"

namespace wattledger::ipmi {

// One quantity that a BMC tells: the request that asks for it, and how its response becomes the raw integer
// that src/sensors/native.ts documents for each kind.
struct Source {
  enum class Kind { kPower, kSensor, kDellEnergy, kLenovoNodeEnergy, kLenovoDcEnergy, kLenovoAcEnergy };
  Kind kind = Kind::kPower;
  Address owner;
  uint8_t number = 0;  // of the sensor, or handle of the energy meter

  // False for what another device with the same numbers would answer as well, in units that we would not
  // know.
  bool DependsOnRecords() const { return kind == Kind::kSensor; }
  Request ToRequest() const;
  Result<uint64_t> ValueOf(ByteView response) const;
};

// The names by which TypeScript calls the kinds.
std::optional<Source::Kind> SourceKindOf(std::string_view name);

}  // namespace wattledger::ipmi
