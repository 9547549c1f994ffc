#pragma once

#include <optional>

#include "core/result.h"
#include "core/stop_signal.h"

namespace wattledger::ipmi {

// Waits until poll(2) reports one of `events` (or an error) on `fd`. Returns why it did not: kTimeout at
// `deadline_ns` of CLOCK_MONOTONIC, kClosed on `stop`.
std::optional<Error> Await(int fd, short events, int64_t deadline_ns, const StopSignal& stop);

}  // namespace wattledger::ipmi
