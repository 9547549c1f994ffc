#pragma once

#include <optional>

#include "ipmi/message.h"

namespace wattledger::ipmi {

inline constexpr uint32_t kDell = 674;
inline constexpr uint32_t kLenovo = 19046;

// Whether a request may be sent. Read access to a BMC's interface is full control of the machine, so that
// nothing but these read-only commands leaves this process, each with its exact data where other data would
// do something else. Vendor commands are allowed only when the BMC said that it is of that vendor
// (`manufacturer`, IANA number): the same numbers do something else elsewhere.
bool IsAllowed(const Request& request, std::optional<uint32_t> manufacturer);

}  // namespace wattledger::ipmi
