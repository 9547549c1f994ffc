#include "nvml/nvml_use_frame.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace wattledger {
namespace {

bool RestsAlike(const NvmlDeviceUse& before, const NvmlDeviceUse& now) {
  const auto facts = [](const NvmlDeviceUse& use) {
    return std::tie(use.uuid, use.pci_address, use.c2c, use.minor, use.percent, use.mig, use.board_slices, use.since_us,
                    use.processes_return, use.samples_return);
  };
  const auto is_unused = [](const NvmlDeviceUse& use) {
    return use.processes.empty() && use.samples.empty() && use.instances.empty();
  };
  return is_unused(before) && is_unused(now) && facts(before) == facts(now);
}

}  // namespace

void NvmlUseBox::Put(NvmlUseFrame frame) {
  const std::lock_guard lock(mutex_);
  if (!frames_.empty() && std::ranges::equal(frames_.back().devices, frame.devices, RestsAlike)) frames_.pop_back();
  if (frames_.size() == capacity_) frames_.pop_front();
  frames_.push_back(std::move(frame));
}

std::deque<NvmlUseFrame> NvmlUseBox::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(frames_, {});
}

}  // namespace wattledger
