#pragma once

#include <string>

#include "core/result.h"

namespace wattledger {

// The class of an nvmlReturn_t.
Code CodeOfNvml(int nvml_return);

// The GPU or the driver does not have what was asked for, and will not until it is looked at anew.
bool IsRefused(int nvml_return);

// The handle or the whole session is dead: only nvmlShutdown, nvmlInit and a new handle help.
bool NeedsNewSession(int nvml_return);

Error NvmlError(const std::string& what, int nvml_return);

}  // namespace wattledger
