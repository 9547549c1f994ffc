#pragma once

#include <memory>

#include "binding/arguments.h"
#include "core/reader.h"

namespace wattledger {

std::unique_ptr<Reader> MakeIpmi(const Arguments& options);
std::unique_ptr<Reader> MakeIpmiScan(const Arguments& options);

}  // namespace wattledger
