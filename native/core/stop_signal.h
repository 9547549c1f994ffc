#pragma once

#include <atomic>

#include "core/unique_fd.h"

namespace wattledger {

// Tells a reader's thread to end, also while it waits: poll(2) on fd() beside the descriptor of the device.
class StopSignal {
 public:
  StopSignal();

  void Request();
  bool requested() const { return requested_.load(std::memory_order_acquire); }
  int fd() const { return event_.get(); }

 private:
  std::atomic<bool> requested_{false};
  UniqueFd event_;
};

}  // namespace wattledger
