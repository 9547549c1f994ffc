#include "cgroup/cgroup_reader.h"

#include <poll.h>

namespace wattledger::cgroup {
namespace {

// Where groups come and go by the thousand, they are taken in by the hundred; and those just emptied have come to rest.
constexpr int kRestMs = 1;

}  // namespace

Result<std::vector<ChannelInfo>> CgroupReader::Open(const StopSignal&) {
  if (auto error = tree_.Open()) return *error;
  return std::vector<ChannelInfo>{{"passes", {}}};
}

void CgroupReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  tree_.Pass(stop);
  if (stop.requested()) return;
  Frame frame = tree_.TakeFrame();
  readings[0] = {frame.pass, frame.before_ns, frame.after_ns, Code::kOk, 0};
  box_->Put(std::move(frame));
}

void CgroupReader::Attend(const StopSignal& stop) {
  tree_.HandleEvents(1);
  pollfd stopped{stop.fd(), POLLIN, 0};
  poll(&stopped, 1, kRestMs);
  tree_.ReadEmptied();
}

}  // namespace wattledger::cgroup
