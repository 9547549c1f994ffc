#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "core/reader.h"

namespace wattledger {

// A bounded queue of sweeps of equal width. When it is full the oldest sweep gives way: a counter loses nothing by
// that, since the newer reading contains it. It holds memory for what waits alone: room for ten minutes would be a
// third of a megabyte with eight GPUs, and five seconds wait. Not thread-safe: the Poller's mutex guards it.
class SweepQueue {
 public:
  SweepQueue(size_t width, size_t capacity);

  void Push(std::span<const Reading> sweep);
  // Moves everything out, oldest first, as one flat list.
  std::vector<Reading> Drain();
  // Sweeps that gave way since the beginning.
  uint64_t dropped() const { return dropped_; }

 private:
  size_t width_;
  size_t limit_;  // in readings
  uint64_t dropped_ = 0;
  std::deque<Reading> readings_;
};

}  // namespace wattledger
