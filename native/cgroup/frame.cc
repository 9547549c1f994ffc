#include "cgroup/frame.h"

#include <iterator>
#include <unordered_set>
#include <utility>

namespace wattledger::cgroup {
namespace {

template <typename T>
std::vector<T> Joined(std::vector<T> first, std::vector<T>& second) {
  first.insert(first.end(), std::move_iterator(second.begin()), std::move_iterator(second.end()));
  return first;
}

}  // namespace

void FrameBox::Put(Frame frame) {
  const std::lock_guard lock(mutex_);
  if (frame_) {
    frame.births = Joined(std::move(frame_->births), frame.births);
    frame.deaths = Joined(std::move(frame_->deaths), frame.deaths);
  }
  frame_ = std::move(frame);
  if (frame_->births.size() > most_births_) ForgetThoseWhoCameAndWent();
}

std::optional<Frame> FrameBox::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(frame_, std::nullopt);
}

void FrameBox::ForgetThoseWhoCameAndWent() {
  std::unordered_set<uint64_t> born, dead;
  for (const auto& birth : frame_->births) born.insert(birth.id);
  for (const auto& death : frame_->deaths) dead.insert(death.id);
  std::erase_if(frame_->births, [&](const Birth& birth) { return dead.contains(birth.id); });
  std::erase_if(frame_->deaths, [&](const Death& death) { return born.contains(death.id); });
}

}  // namespace wattledger::cgroup
