#include "core/sweep_ring.h"

#include <algorithm>

namespace wattledger {

SweepRing::SweepRing(size_t width, size_t capacity)
    : width_(width), capacity_(std::max<size_t>(capacity, 1)), slots_(width * capacity_) {}

void SweepRing::Push(std::span<const Reading> sweep) {
  if (size_ == capacity_) {
    first_ = (first_ + 1) % capacity_;
    --size_;
    ++dropped_;
  }
  const size_t slot = (first_ + size_) % capacity_;
  std::copy(sweep.begin(), sweep.end(), slots_.begin() + static_cast<std::ptrdiff_t>(slot * width_));
  ++size_;
}

std::vector<Reading> SweepRing::Drain() {
  std::vector<Reading> readings;
  readings.reserve(size_ * width_);
  for (size_t i = 0; i < size_; ++i) {
    const auto start = slots_.begin() + static_cast<std::ptrdiff_t>((first_ + i) % capacity_ * width_);
    readings.insert(readings.end(), start, start + static_cast<std::ptrdiff_t>(width_));
  }
  first_ = 0;
  size_ = 0;
  return readings;
}

}  // namespace wattledger
