#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/reader.h"

namespace wattledger {

// A bounded queue of sweeps of equal width. When it is full the oldest sweep gives way: a counter loses nothing by
// that, since the newer reading contains it. Not thread-safe: the Poller's mutex guards it.
class SweepRing {
 public:
  SweepRing(size_t width, size_t capacity);

  void Push(std::span<const Reading> sweep);
  // Moves everything out, oldest first, as one flat list.
  std::vector<Reading> Drain();
  // Sweeps that gave way since the beginning.
  uint64_t dropped() const { return dropped_; }

 private:
  size_t width_;
  size_t capacity_;
  size_t first_ = 0;
  size_t size_ = 0;
  uint64_t dropped_ = 0;
  std::vector<Reading> slots_;
};

}  // namespace wattledger
