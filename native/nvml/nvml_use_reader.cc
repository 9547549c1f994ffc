#include "nvml/nvml_use_reader.h"

#include <algorithm>
#include <utility>

#include "core/clock.h"
#include "nvml/nvml_code.h"
#include "nvml/nvml_use.h"

namespace wattledger {
namespace {

// Where nobody else has the library open, nvmlInit wakes each GPU. It rests so many times as long as that took.
constexpr int64_t kRest = 100;

struct Begun {
  std::unique_ptr<NvmlSession> session;
  std::vector<NvmlGpu> gpus;
};

Result<Begun> Begin(const std::string& library_path) {
  auto session = NvmlSession::Start(library_path);
  if (!session.ok()) return session.error();
  auto gpus = session.value()->Gpus();
  if (!gpus.ok()) return gpus.error();
  return Begun{std::move(session.value()), std::move(gpus.value())};
}

// A sample that was filled in. Of another the time is no time, and would keep all later ones away.
bool IsSound(const NvmlSample& sample) { return sample.pid != 0 && sample.percent <= 100; }

}  // namespace

Result<std::vector<ChannelInfo>> NvmlUseReader::Open(const StopSignal&) {
  const auto begun = Begin(options_.library_path);
  if (!begun.ok()) return begun.error();
  return std::vector<ChannelInfo>{{"sweeps", {}}};
}

void NvmlUseReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  Reading& reading = readings[0];
  reading.before_ns = reading.after_ns = MonotonicNs();
  reading.code = Code::kTransient;
  names_another_ = false;
  if (reading.before_ns < next_ns_) return;
  const auto begun = Begin(options_.library_path);
  NvmlUseFrame frame;
  frame.before_ns = MonotonicNs();
  if (!begun.ok()) {
    awake_.clear();  // the driver may come back with another setting
    reading.detail = begun.error().detail;
    failed_wait_ns_ = std::clamp(2 * failed_wait_ns_, options_.recover_after_ns, 16 * options_.recover_after_ns);
    next_ns_ = frame.before_ns + failed_wait_ns_;
    return;
  }
  failed_wait_ns_ = 0;
  next_ns_ = frame.before_ns + std::min(kRest * (frame.before_ns - reading.before_ns), options_.recover_after_ns);
  for (const auto& gpu : begun.value().gpus) {
    if (stop.requested()) return;
    ReadGpu(begun.value().session->library(), gpu, frame);
  }
  frame.after_ns = MonotonicNs();
  Name(frame);
  reading = {++sweeps_, frame.before_ns, frame.after_ns, Code::kOk, 0};
  options_.box->Put(std::move(frame));
}

// One that is lost or may not be opened is left out.
void NvmlUseReader::ReadGpu(const NvmlLibrary& library, const NvmlGpu& gpu, NvmlUseFrame& frame) {
  if (gpu.nvml_return != kNvmlSuccess) return;
  const auto known = sleepers_.find(gpu.uuid);
  const int64_t now_ns = MonotonicNs();
  if (known != sleepers_.end() && !known->second.rest->IsDue(now_ns)) {
    frame.devices.push_back(known->second.last);
    frame.devices.back().before_ns = frame.devices.back().after_ns = now_ns;
    return;
  }
  if (known != sleepers_.end()) known->second.rest->Ask(now_ns);
  uint64_t& since_us = since_us_[gpu.uuid];
  auto use = ReadUse(library, gpu.device, since_us);
  if (NeedsNewSession(use.processes_return)) return;
  use.uuid = gpu.uuid;
  for (const auto& sample : use.samples) {
    if (IsSound(sample)) since_us = std::max(since_us, sample.at_us);
  }
  auto rest = known != sleepers_.end() ? known->second.rest : RestOf(use);
  if (rest) {
    if (known == sleepers_.end()) rest->Ask(now_ns);
    if (IsUsed(use)) rest->Used(now_ns);
    sleepers_[gpu.uuid] = {std::move(rest), use};
    sleepers_[gpu.uuid].last.samples.clear();  // they are of a time that is over
  }
  frame.devices.push_back(std::move(use));
}

std::shared_ptr<NvmlRest> NvmlUseReader::RestOf(const NvmlDeviceUse& use) {
  if (use.pci_address.empty() || awake_.contains(use.uuid)) return nullptr;
  auto rest = NvmlRest::Of(options_.rest, use.pci_address);
  if (!rest) awake_.insert(use.uuid);
  return rest;
}

void NvmlUseReader::Name(const NvmlUseFrame& frame) {
  std::set<uint64_t> named;
  for (const auto& use : frame.devices) {
    for (const auto& process : use.processes) named.insert(process.pid);
    for (const auto& sample : use.samples) named.insert(sample.pid);
  }
  names_another_ = !std::ranges::includes(named_, named);
  named_ = std::move(named);
}

bool NvmlUseReader::IsUsed(const NvmlDeviceUse& use) {
  return (use.percent != kNvmlUntold && use.percent > 0) || !use.samples.empty();
}

}  // namespace wattledger
