#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace wattledger {

// When a dead session may be begun anew: after `first_ns`, then doubling up to 16 times as long; 120 times as
// long (one hour at 30 s) for what only a person can mend.
class BackOff {
 public:
  explicit BackOff(int64_t first_ns) : first_ns_(first_ns), delay_ns_(first_ns) {}

  // Something is dead. Says when to try next, unless that is settled already.
  void Arm(int64_t now_ns) {
    if (next_ns_ != kNever) return;
    next_ns_ = now_ns + delay_ns_;
    delay_ns_ = std::min(2 * delay_ns_, 16 * first_ns_);
  }
  void ArmLong(int64_t now_ns) { next_ns_ = now_ns + 120 * first_ns_; }

  // True once for each Arm(): the try is due.
  bool TakeTurn(int64_t now_ns) {
    if (now_ns < next_ns_) return false;
    next_ns_ = kNever;
    return true;
  }

  // All is well.
  void Reset() {
    next_ns_ = kNever;
    delay_ns_ = first_ns_;
  }

 private:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  const int64_t first_ns_;
  int64_t delay_ns_;
  int64_t next_ns_ = kNever;
};

}  // namespace wattledger
