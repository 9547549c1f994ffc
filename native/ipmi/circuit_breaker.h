#pragma once

#include <algorithm>
#include <cstdint>

namespace wattledger::ipmi {

// Leaves a BMC alone after a time-out, longer each time. A request cannot be taken back: while one is stuck
// the interface works on it, and each further one lengthens the queue (and keeps the kernel's kipmid
// spinning).
class CircuitBreaker {
 public:
  CircuitBreaker(int64_t first_pause_ns, int64_t longest_pause_ns)
      : first_pause_ns_(first_pause_ns), longest_pause_ns_(longest_pause_ns) {}

  bool MayAsk(int64_t now_ns) const { return now_ns >= closed_until_ns_; }
  int failures() const { return failures_; }

  void Failed(int64_t now_ns) {
    pause_ns_ = failures_++ == 0 ? first_pause_ns_ : std::min(pause_ns_ * 2, longest_pause_ns_);
    closed_until_ns_ = now_ns + pause_ns_;
  }

  void Succeeded() {
    failures_ = 0;
    closed_until_ns_ = 0;
  }

 private:
  int64_t first_pause_ns_;
  int64_t longest_pause_ns_;
  int64_t pause_ns_ = 0;
  int64_t closed_until_ns_ = 0;
  int failures_ = 0;
};

}  // namespace wattledger::ipmi
