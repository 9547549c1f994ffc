#pragma once

#include <memory>

#include "binding/arguments.h"
#include "core/reader.h"
#include "nvml/nvml_rest.h"

namespace wattledger {

// What every reader of GPUs that may sleep is told.
NvmlRestOptions NvmlRestOf(const Arguments& options);

// The reader of type "nvml".
std::unique_ptr<Reader> MakeNvml(const Arguments& options);

}  // namespace wattledger
