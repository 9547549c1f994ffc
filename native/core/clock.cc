#include "core/clock.h"

#include <ctime>

namespace wattledger {
namespace {

int64_t Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

int64_t MonotonicNs() { return Now(CLOCK_MONOTONIC); }
int64_t BoottimeNs() { return Now(CLOCK_BOOTTIME); }

}  // namespace wattledger
