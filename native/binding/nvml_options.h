#pragma once

#include <memory>

#include "binding/arguments.h"
#include "core/reader.h"

namespace wattledger {

// The reader of type "nvml".
std::unique_ptr<Reader> MakeNvml(const Arguments& options);

}  // namespace wattledger
