#pragma once

#include <memory>
#include <string>

#include "binding/arguments.h"
#include "core/reader.h"

namespace wattledger {

// Makes the reader called `type` from its options, or returns null when there is none of that name.
std::unique_ptr<Reader> MakeReader(const std::string& type, const Arguments& options);

}  // namespace wattledger
