#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wattledger {

// A sysfs value: one unsigned decimal number, then at most white space. Anything else, an empty string and a number
// above 2^64-1 included, is no number.
std::optional<uint64_t> ParseUnsigned(std::string_view text);

}  // namespace wattledger
