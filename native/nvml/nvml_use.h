#pragma once

#include <vector>

#include "nvml/nvml_library.h"
#include "nvml/nvml_use_frame.h"

namespace wattledger {

// Each adds to `to` what the driver lists, and returns its nvmlReturn_t. A driver without the function has nothing to list.
int ReadProcesses(const NvmlLibrary& library, NvmlDevice device, NvmlProcess::Kind kind, std::vector<NvmlProcess>& to);
int ReadSamples(const NvmlLibrary& library, NvmlDevice device, uint64_t since_us, std::vector<NvmlSample>& to);

// All that is asked of a GPU at each sweep; the samples are those after `since_us`.
NvmlDeviceUse ReadUse(const NvmlLibrary& library, NvmlDevice device, uint64_t since_us);

}  // namespace wattledger
