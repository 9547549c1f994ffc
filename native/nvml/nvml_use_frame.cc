#include "nvml/nvml_use_frame.h"

#include <utility>

namespace wattledger {

void NvmlUseBox::Put(NvmlUseFrame frame) {
  const std::lock_guard lock(mutex_);
  if (frames_.size() == capacity_) frames_.pop_front();
  frames_.push_back(std::move(frame));
}

std::deque<NvmlUseFrame> NvmlUseBox::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(frames_, {});
}

}  // namespace wattledger
