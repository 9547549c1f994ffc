#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/reader.h"
#include "nvml/nvml_session.h"
#include "nvml/nvml_source.h"

namespace wattledger {

// What a GPU says of itself, and by which source it is to be read: the first of `preference` that it does not
// refuse. A source that fails for the moment is not refused, so that a busy driver does not turn a counter
// into a power channel.
struct NvmlProbe {
  // name, serial, pciAddress (as in sysfs), architecture, c2c, mig, powerLimitMw, maxPowerLimitMw, driver;
  // each only where the driver tells it. `answer.<source>` is what that source answered: an nvmlReturn_t or
  // "corrupt".
  std::map<std::string, std::string> attributes;
  std::optional<NvmlSource> source;
};

// The address under which sysfs has the device; empty where the driver does not tell it.
std::string PciAddress(const NvmlLibrary& library, NvmlDevice device);

NvmlProbe ProbeGpu(const NvmlLibrary& library, NvmlDevice device, std::span<const NvmlSource> preference);

}  // namespace wattledger
