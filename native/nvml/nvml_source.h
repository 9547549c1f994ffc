#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "nvml/nvml_library.h"

namespace wattledger {

// A way to ask a GPU for its energy (mJ) or its power (mW), for want of these how busy it is (percent), or
// nothing but whether it is there (0). The names are those of src/sensors/nvml/source.ts.
enum class NvmlSource {
  kEnergy,
  kInstant,
  kAverage,
  kModuleInstant,
  kModuleAverage,
  kUsage,
  kUtilization,
  kPresence,
};

std::optional<NvmlSource> NvmlSourceOf(std::string_view name);
std::string_view NameOf(NvmlSource source);

// Asks once. The error's detail is an nvmlReturn_t; kCorrupt for an answer that is no number.
Result<uint64_t> ReadSource(const NvmlLibrary& library, NvmlDevice device, NvmlSource source);

}  // namespace wattledger
