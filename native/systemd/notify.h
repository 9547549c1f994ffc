#pragma once

#include <optional>
#include <string_view>

#include "core/result.h"

namespace wattledger {

// Tells the service manager `state`, newline-separated assignments such as "READY=1", as one datagram:
// sd_notify(3) without libsystemd. `address` is the value of NOTIFY_SOCKET: an absolute path, or `@` and an
// abstract name. Waits at most a second for a manager that does not keep up. Returns what went wrong, with
// errno as its detail; an address of another kind (`vsock:`) is EAFNOSUPPORT.
std::optional<Error> Notify(std::string_view address, std::string_view state);

}  // namespace wattledger
