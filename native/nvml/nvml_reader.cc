#include "nvml/nvml_reader.h"

#include <algorithm>
#include <functional>

#include "core/clock.h"
#include "nvml/nvml_code.h"

namespace wattledger {
namespace {

bool AnyIsLost(const std::vector<NvmlGpu>& gpus) {
  return std::ranges::any_of(gpus, [](const NvmlGpu& gpu) { return NeedsNewSession(gpu.nvml_return); });
}

}  // namespace

Result<std::vector<ChannelInfo>> NvmlReader::Open(const StopSignal& stop) {
  auto session = NvmlSession::Start(options_.library_path);
  if (!session.ok()) return session.error();
  session_ = std::move(session.value());
  const auto gpus = session_->Gpus();
  if (!gpus.ok()) return gpus.error();
  awaits_gpu_ = AnyIsLost(gpus.value());

  std::vector<ChannelInfo> infos;
  Error none{Code::kAbsent, kNvmlNotFound, "there is no GPU"};
  std::string left_out;
  auto missing = Missing(gpus.value());
  for (const auto& gpu : gpus.value()) {
    if (stop.requested()) return Error{Code::kClosed, kNvmlSuccess, "closed"};
    if (NeedsNewSession(gpu.nvml_return) && !missing.empty()) {
      Await(missing.back(), infos);
      missing.pop_back();
      continue;
    }
    const int nvml_return = Take(gpu, infos);
    if (nvml_return == kNvmlSuccess) continue;
    none = NvmlError("GPU " + std::to_string(gpu.index), nvml_return);
    left_out += (left_out.empty() ? "" : ",") + std::to_string(gpu.index) + ":" + std::to_string(nvml_return);
  }
  if (infos.empty()) return none;
  if (!left_out.empty()) {
    for (auto& info : infos) info.attributes["leftOut"] = left_out;
  }
  return infos;
}

int NvmlReader::Take(const NvmlGpu& gpu, std::vector<ChannelInfo>& infos) {
  if (gpu.nvml_return != kNvmlSuccess) return gpu.nvml_return;
  if (!known_uuids_.insert(gpu.uuid).second) return kNvmlUnknown;
  auto probe = Probe(gpu);
  if (!probe.source) return kNvmlNotSupported;
  probe.attributes["source"] = NameOf(*probe.source);
  probe.attributes["index"] = std::to_string(gpu.index);
  const size_t first = infos.size();
  channels_.push_back({gpu.uuid, *probe.source, gpu.device});
  infos.push_back({gpu.uuid, std::move(probe.attributes)});
  if (*probe.source == NvmlSource::kEnergy) TakeWitnesses(gpu, infos);
  TakeRest(first, infos);
  return kNvmlSuccess;
}

void NvmlReader::TakeWitnesses(const NvmlGpu& gpu, std::vector<ChannelInfo>& infos) {
  for (const auto& list : options_.witnesses) {
    const auto witness = std::ranges::find_if(
        list, [&](NvmlSource source) { return ReadSource(session_->library(), gpu.device, source).ok(); });
    if (witness != list.end()) TakeWitness(gpu.uuid, *witness, gpu.device, infos);
  }
}

void NvmlReader::TakeRest(size_t first, std::vector<ChannelInfo>& infos) {
  const auto address = infos[first].attributes.find("pciAddress");
  if (address == infos[first].attributes.end()) return;
  const auto rest = NvmlRest::Of(options_.rest, address->second);
  if (!rest) return;
  infos[first].attributes["maySleep"] = "1";
  const Channel gpu = channels_[first];
  channels_.push_back({gpu.uuid, NvmlSource::kPresence, gpu.device, true, rest, true});
  infos.push_back({gpu.uuid, {{"source", std::string(NameOf(NvmlSource::kPresence))}, {"wakes", "1"}}});
  for (size_t i = first; i < channels_.size(); ++i) channels_[i].rest = rest;
}

NvmlProbe NvmlReader::Probe(const NvmlGpu& gpu) const {
  auto preference = options_.preference;
  if (std::ranges::find(options_.distrusted, gpu.uuid) != options_.distrusted.end())
    std::erase(preference, NvmlSource::kEnergy);
  return ProbeGpu(session_->library(), gpu.device, preference);
}

void NvmlReader::TakeWitness(const std::string& uuid, NvmlSource source, NvmlDevice device,
                             std::vector<ChannelInfo>& infos) {
  channels_.push_back({uuid, source, device, true});
  infos.push_back({uuid, {{"source", std::string(NameOf(source))}, {"witness", "1"}}});
}

std::vector<KnownGpu> NvmlReader::Missing(const std::vector<NvmlGpu>& gpus) const {
  std::vector<KnownGpu> missing = options_.known;
  std::erase_if(missing, [&](const KnownGpu& known) {
    return std::ranges::any_of(gpus, [&](const NvmlGpu& gpu) { return gpu.uuid == known.uuid; });
  });
  return missing;
}

void NvmlReader::Await(const KnownGpu& gpu, std::vector<ChannelInfo>& infos) {
  known_uuids_.insert(gpu.uuid);
  channels_.push_back({gpu.uuid, gpu.source, nullptr});
  infos.push_back({gpu.uuid, {{"source", std::string(NameOf(gpu.source))}}});
  for (const NvmlSource witness : gpu.witnesses) TakeWitness(gpu.uuid, witness, nullptr, infos);
}

void NvmlReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  if (back_off_.TakeTurn(MonotonicNs())) Recover();
  bool is_dead = !session_ || awaits_gpu_;
  is_refused_ = false;
  bool is_left_alone = false;
  for (size_t i = 0; i < channels_.size() && !stop.requested(); ++i) {
    is_left_alone = IsLeftAlone(i, is_left_alone);
    if (is_left_alone) {
      readings[i].before_ns = readings[i].after_ns = MonotonicNs();
      readings[i].code = Code::kTransient;
      readings[i].detail = kNvmlLeftAlone;
      continue;
    }
    ReadChannel(channels_[i], readings[i]);
    if (readings[i].code == Code::kOk) continue;
    is_dead = is_dead || NeedsNewSession(readings[i].detail);
    is_refused_ = is_refused_ || (!channels_[i].is_witness && IsRefused(readings[i].detail));
  }
  if (is_dead) {
    back_off_.Arm(MonotonicNs());
  } else {
    back_off_.Reset();
  }
}

// The channels of a GPU lie beside each other, and what is decided for the first one holds for all.
bool NvmlReader::IsLeftAlone(size_t at, bool was_left_alone) {
  const Channel& channel = channels_[at];
  if (!channel.rest) return false;
  if (at > 0 && channels_[at - 1].rest == channel.rest) return was_left_alone;
  const int64_t now_ns = MonotonicNs();
  if (!channel.rest->IsDue(now_ns)) return true;
  channel.rest->Ask(now_ns);
  NvmlUtilization busy{};
  if (session_ && channel.device != nullptr &&
      session_->library().utilization(channel.device, &busy) == kNvmlSuccess && busy.gpu > 0)
    channel.rest->Used(now_ns);
  return false;
}

void NvmlReader::ReadChannel(const Channel& channel, Reading& reading) const {
  reading.before_ns = MonotonicNs();
  const auto answer = Ask(channel);
  reading.after_ns = MonotonicNs();
  if (answer.ok()) {
    reading.value = answer.value();
    reading.code = Code::kOk;
  } else {
    reading.code = answer.error().code;
    reading.detail = answer.error().detail;
  }
}

Result<uint64_t> NvmlReader::Ask(const Channel& channel) const {
  if (channel.counts_wakes) return channel.rest->wakes();
  if (!session_) return session_error_;
  if (channel.device == nullptr) return NvmlError("GPU " + channel.uuid, kNvmlGpuNotFound);
  return ReadSource(session_->library(), channel.device, channel.source);
}

void NvmlReader::Recover() {
  Bind({});
  session_.reset();
  auto session = NvmlSession::Start(options_.library_path);
  if (session.ok()) {
    session_ = std::move(session.value());
    const auto gpus = session_->Gpus();
    if (gpus.ok()) {
      Bind(gpus.value());
      const bool is_gone = std::ranges::any_of(channels_, std::logical_not(), &Channel::device);
      if (is_gone && !awaits_gpu_) has_other_gpus_ = true;
      return;
    }
    session_.reset();
    session_error_ = gpus.error();
  } else {
    session_error_ = session.error();
  }
  if (session_error_.detail == kNvmlLibRmVersionMismatch) back_off_.ArmLong(MonotonicNs());
}

void NvmlReader::Bind(const std::vector<NvmlGpu>& gpus) {
  awaits_gpu_ = AnyIsLost(gpus);
  for (auto& channel : channels_) channel.device = nullptr;
  for (const auto& gpu : gpus) {
    if (gpu.nvml_return != kNvmlSuccess) continue;
    for (auto& channel : channels_) {
      if (channel.uuid == gpu.uuid) channel.device = gpu.device;
    }
    if (!known_uuids_.contains(gpu.uuid)) has_other_gpus_ = true;
  }
}

void NvmlReader::Close() noexcept {
  for (auto& channel : channels_) channel.device = nullptr;
  session_.reset();
}

}  // namespace wattledger
