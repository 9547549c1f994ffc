#include "nvml/nvml_use.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/clock.h"
#include "nvml/nvml_code.h"
#include "nvml/nvml_probe.h"

namespace wattledger {
namespace {

constexpr unsigned kFirstRoom = 64;
// Far more than a GPU runs: a bound for a count that is no count.
constexpr unsigned kMostRoom = 16'384;
constexpr unsigned kMostInstances = 64;

// Asks with ever more room, for what is there grows between two calls. `ask` gets the room and gives the count.
template <typename Ask>
int AskWithRoom(unsigned& count, Ask ask) {
  for (unsigned room = kFirstRoom;;) {
    count = room;
    const int nvml_return = ask(room);
    count = std::min(count, nvml_return == kNvmlInsufficientSize ? kMostRoom : room);
    if (nvml_return != kNvmlInsufficientSize || room == kMostRoom) return nvml_return;
    room = std::min(kMostRoom, std::max(2 * room, count));
  }
}

bool IsMissing(int nvml_return) {
  return nvml_return == kNvmlFunctionNotFound || nvml_return == kNvmlNotSupported;
}

uint64_t Number(const NvmlFunction<NvmlDevice, unsigned*>& function, NvmlDevice device) {
  unsigned number = 0;
  return function(device, &number) == kNvmlSuccess ? number : kNvmlUntold;
}

constexpr size_t kWideProcess = sizeof(NvmlProcessInfo) + 8;

int ReadInstances(const NvmlLibrary& library, NvmlDevice device, NvmlDeviceUse& use);

}  // namespace

int ReadProcesses(const NvmlLibrary& library, NvmlDevice device, NvmlProcess::Kind kind,
                  std::vector<NvmlProcess>& to) {
  const auto* newer = &library.compute_processes_v3;
  const auto* older = &library.compute_processes_v2;
  if (kind == NvmlProcess::kGraphics) newer = &library.graphics_processes_v3, older = &library.graphics_processes_v2;
  if (kind == NvmlProcess::kMps) newer = &library.mps_processes_v3, older = &library.mps_processes_v2;
  std::vector<std::byte> bytes;
  unsigned count = 0;
  const int nvml_return = AskWithRoom(count, [&](unsigned room) {
    bytes.assign(room * kWideProcess, std::byte{0});
    const int answer = (*newer)(device, &count, bytes.data());
    return answer == kNvmlFunctionNotFound ? (*older)(device, &count, bytes.data()) : answer;
  });
  if (nvml_return != kNvmlSuccess) return nvml_return;
  const size_t stride = library.lists_wide_processes ? kWideProcess : sizeof(NvmlProcessInfo);
  for (size_t i = 0; i < count; ++i) {
    NvmlProcessInfo info;
    std::memcpy(&info, bytes.data() + i * stride, sizeof info);
    NvmlProcess process{info.pid, kind, info.used_memory};
    if (info.gpu_instance != UINT32_MAX) process.gpu_instance = info.gpu_instance;
    if (info.compute_instance != UINT32_MAX) process.compute_instance = info.compute_instance;
    to.push_back(process);
  }
  return nvml_return;
}

int ReadSamples(const NvmlLibrary& library, NvmlDevice device, uint64_t since_us, std::vector<NvmlSample>& to) {
  unsigned count = 0;
  std::vector<NvmlUtilizationSample> samples;
  const int nvml_return = AskWithRoom(count, [&](unsigned room) {
    samples.assign(room, {});
    return library.process_utilization(device, samples.data(), &count, since_us);
  });
  if (nvml_return == kNvmlSuccess) {
    for (unsigned i = 0; i < count; ++i) to.push_back({samples[i].pid, samples[i].at_us, samples[i].sm});
  }
  if (!IsMissing(nvml_return)) return nvml_return;
  // Since Blackwell drivers refuse the function above.
  std::vector<NvmlUtilizationInfo> infos;
  const int newer = AskWithRoom(count, [&](unsigned room) {
    infos.assign(room, {});
    NvmlUtilizationInfos question{kNvmlUtilizationInfosVersion, room, since_us, infos.data()};
    const int answer = library.process_utilization_infos(device, &question);
    count = question.count;
    return answer;
  });
  if (newer == kNvmlSuccess) {
    for (unsigned i = 0; i < count; ++i) to.push_back({infos[i].pid, infos[i].at_us, infos[i].sm});
  }
  return newer;
}

NvmlDeviceUse ReadUse(const NvmlLibrary& library, NvmlDevice device, uint64_t since_us) {
  NvmlDeviceUse use;
  use.before_ns = MonotonicNs();
  use.pci_address = PciAddress(library, device);
  NvmlC2cModeInfo c2c{};
  if (library.c2c_mode(device, &c2c) == kNvmlSuccess) use.c2c = c2c.is_enabled;
  use.minor = Number(library.minor_number, device);
  NvmlUtilization busy{};
  if (library.utilization(device, &busy) == kNvmlSuccess) use.percent = busy.gpu;
  unsigned mig = 0, pending = 0;
  if (library.mig_mode(device, &mig, &pending) == kNvmlSuccess) use.mig = mig;
  use.since_us = since_us;
  use.samples_return = ReadSamples(library, device, since_us, use.samples);
  if (use.mig == 1) {
    use.processes_return = ReadInstances(library, device, use);
  } else {
    use.processes_return = ReadProcesses(library, device, NvmlProcess::kCompute, use.processes);
    // What cannot be listed beside the compute processes, such as MPS by an older driver, is not there.
    ReadProcesses(library, device, NvmlProcess::kGraphics, use.processes);
    ReadProcesses(library, device, NvmlProcess::kMps, use.processes);
  }
  use.after_ns = MonotonicNs();
  return use;
}

namespace {

// Each instance is asked for itself, since the whole GPU lists its processes to root alone.
int ReadInstances(const NvmlLibrary& library, NvmlDevice device, NvmlDeviceUse& use) {
  NvmlInstanceProfile profile{};
  if (library.instance_profile(device, kNvmlProfileOneSlice, &profile) == kNvmlSuccess) {
    use.board_slices = uint64_t{profile.instances} * profile.slices;
  }
  unsigned count = 0;
  if (const int nvml_return = library.mig_count(device, &count)) return nvml_return;
  int worst = kNvmlSuccess;
  for (unsigned index = 0; index < std::min(count, kMostInstances); ++index) {
    NvmlDevice handle = nullptr;
    const int nvml_return = library.mig_by_index(device, index, &handle);
    if (nvml_return == kNvmlNotFound) continue;  // room for an instance that nobody made
    if (nvml_return != kNvmlSuccess) return nvml_return;
    NvmlInstance instance;
    std::array<char, 97> uuid{};
    if (library.uuid(handle, uuid.data(), uuid.size() - 1) == kNvmlSuccess) instance.uuid = uuid.data();
    instance.gpu_instance = Number(library.gpu_instance, handle);
    instance.compute_instance = Number(library.compute_instance, handle);
    NvmlDeviceAttributes attributes{};
    if (library.attributes(handle, &attributes) == kNvmlSuccess) {
      instance.slices = attributes.gpu_instance_slices;
      instance.compute_slices = attributes.compute_instance_slices;
      instance.memory_mb = attributes.memory_mb;
    }
    const size_t first = use.processes.size();
    if (const int listed = ReadProcesses(library, handle, NvmlProcess::kCompute, use.processes)) worst = listed;
    ReadProcesses(library, handle, NvmlProcess::kGraphics, use.processes);
    for (size_t i = first; i < use.processes.size(); ++i) {
      use.processes[i].gpu_instance = instance.gpu_instance;
      use.processes[i].compute_instance = instance.compute_instance;
    }
    use.instances.push_back(std::move(instance));
  }
  return worst;
}

}  // namespace
}  // namespace wattledger
