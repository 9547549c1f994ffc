#pragma once

#include <cstdint>

namespace wattledger {

// CLOCK_MONOTONIC in nanoseconds. Stops during suspend.
int64_t MonotonicNs();

// CLOCK_BOOTTIME in nanoseconds. Goes on during suspend, so its lead over MonotonicNs() is the time suspended.
int64_t BoottimeNs();

}  // namespace wattledger
