#pragma once

#include <memory>

#include "binding/arguments.h"
#include "core/reader.h"

namespace wattledger {

std::unique_ptr<Reader> MakePerf(const Arguments& options);
std::unique_ptr<Reader> MakeMsr(const Arguments& options);

}  // namespace wattledger
