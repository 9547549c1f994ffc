#include "core/sweep_queue.h"

#include <algorithm>

namespace wattledger {

SweepQueue::SweepQueue(size_t width, size_t capacity) : width_(width), limit_(width * std::max<size_t>(capacity, 1)) {}

void SweepQueue::Push(std::span<const Reading> sweep) {
  if (width_ > 0 && readings_.size() == limit_) {
    readings_.erase(readings_.begin(), readings_.begin() + static_cast<std::ptrdiff_t>(width_));
    ++dropped_;
  }
  readings_.insert(readings_.end(), sweep.begin(), sweep.end());
}

std::vector<Reading> SweepQueue::Drain() {
  std::vector<Reading> readings(readings_.begin(), readings_.end());
  readings_.clear();
  return readings;
}

}  // namespace wattledger
