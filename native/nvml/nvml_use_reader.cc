#include "nvml/nvml_use_reader.h"

#include <algorithm>
#include <utility>

#include "core/clock.h"
#include "nvml/nvml_code.h"
#include "nvml/nvml_use.h"

namespace wattledger {
namespace {

// A sample that was filled in. Of another the time is no time, and would keep all later ones away.
bool IsSound(const NvmlSample& sample) { return sample.pid != 0 && sample.percent <= 100; }

}  // namespace

Result<std::vector<ChannelInfo>> NvmlUseReader::Open(const StopSignal&) {
  auto begun = Begin();
  if (!begun.ok()) return begun.error();
  gpus_ = std::move(begun.value());
  return std::vector<ChannelInfo>{{"sweeps", {}}};
}

Result<std::vector<NvmlGpu>> NvmlUseReader::Begin() {
  auto session = NvmlSession::Start(options_.library_path);
  if (!session.ok()) return session.error();
  session_ = std::move(session.value());
  return session_->Gpus();
}

void NvmlUseReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  Reading& reading = readings[0];
  reading.before_ns = reading.after_ns = MonotonicNs();
  reading.code = Code::kTransient;
  if (!session_) {
    if (reading.before_ns < next_ns_) return;
    auto begun = Begin();
    if (!begun.ok()) {
      failed_wait_ns_ = std::clamp(2 * failed_wait_ns_, options_.recover_after_ns, 16 * options_.recover_after_ns);
      reading.detail = begun.error().detail;
      return LetGo(MonotonicNs() + failed_wait_ns_);
    }
    gpus_ = std::move(begun.value());
  }
  failed_wait_ns_ = 0;
  NvmlUseFrame frame;
  frame.before_ns = MonotonicNs();
  bool is_lost = false;
  for (const auto& gpu : gpus_) {
    if (stop.requested()) return;
    if (!ReadGpu(gpu, frame)) is_lost = true;
  }
  frame.after_ns = MonotonicNs();
  reading = {++sweeps_, frame.before_ns, frame.after_ns, Code::kOk, 0};
  if (is_lost) LetGo(frame.after_ns + options_.recover_after_ns / 3);
  options_.box->Put(std::move(frame));
}

// False when it is lost.
bool NvmlUseReader::ReadGpu(const NvmlGpu& gpu, NvmlUseFrame& frame) {
  if (gpu.nvml_return != kNvmlSuccess) return !NeedsNewSession(gpu.nvml_return);
  uint64_t& since_us = since_us_[gpu.uuid];
  auto use = ReadUse(session_->library(), gpu.device, since_us);
  if (NeedsNewSession(use.processes_return)) return false;
  use.uuid = gpu.uuid;
  for (const auto& sample : use.samples) {
    if (IsSound(sample)) since_us = std::max(since_us, sample.at_us);
  }
  frame.devices.push_back(std::move(use));
  return true;
}

void NvmlUseReader::LetGo(int64_t next_ns) {
  gpus_.clear();
  session_.reset();
  next_ns_ = next_ns;
}

}  // namespace wattledger
