#include "ipmi/source.h"

#include "ipmi/failure.h"
#include "ipmi/vendor_energy.h"

namespace wattledger::ipmi {

using Kind = Source::Kind;

// Beyond the byte of a reading.
constexpr uint64_t kStatusInstead = 0x100;

std::optional<Kind> SourceKindOf(std::string_view name) {
  if (name == "power") return Kind::kPower;
  if (name == "sensor") return Kind::kSensor;
  if (name == "dell-energy") return Kind::kDellEnergy;
  if (name == "lenovo-node-energy") return Kind::kLenovoNodeEnergy;
  if (name == "lenovo-dc-energy") return Kind::kLenovoDcEnergy;
  if (name == "lenovo-ac-energy") return Kind::kLenovoAcEnergy;
  return std::nullopt;
}

Request Source::ToRequest() const {
  switch (kind) {
    case Kind::kPower:
      return PowerReadingRequest();
    case Kind::kSensor:
      return SensorReadingRequest(owner, number);
    case Kind::kDellEnergy:
      return DellEnergyRequest();
    case Kind::kLenovoNodeEnergy:
      return LenovoNodeEnergyRequest();
    case Kind::kLenovoDcEnergy:
      return LenovoMeterEnergyRequest(number, false);
    case Kind::kLenovoAcEnergy:
      return LenovoMeterEnergyRequest(number, true);
  }
  return {};
}

Result<uint64_t> Source::ValueOf(ByteView response) const {
  switch (kind) {
    case Kind::kPower: {
      const auto power = ParsePowerReading(response);
      if (!power.ok()) return power.error();
      const auto& [current_w, least_w, most_w, state] = power.value();
      return uint64_t{current_w} | uint64_t{state} << 16 | uint64_t{least_w} << 24 | uint64_t{most_w} << 40;
    }
    case Kind::kSensor: {
      const auto raw = ParseSensorReading(response);
      if (!raw.ok()) return raw.error();
      return uint64_t{raw.value()};
    }
    case Kind::kDellEnergy:
      return ParseDellEnergyWh(response);
    case Kind::kLenovoNodeEnergy:
      return ParseLenovoNodeEnergyMj(response);
    case Kind::kLenovoDcEnergy:
    case Kind::kLenovoAcEnergy:
      return ParseLenovoMeterEnergyMj(response);
  }
  return Error{Code::kClosed, 0, "no such source"};
}

bool Source::LeavesItToStatus(const Error& error) const {
  return status && (error.detail == kReadingUnavailable || error.detail == kScanningDisabled);
}

Result<uint64_t> Source::StatusValueOf(ByteView response) {
  const auto states = ParseSensorStates(response);
  if (!states.ok()) return states.error();
  return uint64_t{states.value()} | kStatusInstead;
}

}  // namespace wattledger::ipmi
