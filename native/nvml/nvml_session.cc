#include "nvml/nvml_session.h"

#include <algorithm>
#include <array>

#include "nvml/nvml_code.h"

namespace wattledger {
namespace {

// Far more than a host holds: a bound for a count that is no count.
constexpr unsigned kMostGpus = 256;

NvmlGpu FindGpu(const NvmlLibrary& library, unsigned index) {
  NvmlGpu gpu;
  gpu.index = index;
  gpu.nvml_return = library.device_by_index(index, &gpu.device);
  if (gpu.nvml_return != kNvmlSuccess) return gpu;
  std::array<char, 97> uuid{};
  gpu.nvml_return = library.uuid(gpu.device, uuid.data(), uuid.size() - 1);
  gpu.uuid = uuid.data();
  if (gpu.nvml_return == kNvmlSuccess && gpu.uuid.empty()) gpu.nvml_return = kNvmlNoData;
  return gpu;
}

}  // namespace

Result<std::unique_ptr<NvmlSession>> NvmlSession::Start(const std::string& library_path) {
  auto library = NvmlLibrary::Load(library_path);
  if (!library.ok()) return library.error();
  const int nvml_return = library.value()->init();
  if (nvml_return != kNvmlSuccess) return NvmlError("nvmlInit_v2", nvml_return);
  return std::unique_ptr<NvmlSession>(new NvmlSession(std::move(library.value())));
}

NvmlSession::~NvmlSession() { library_->shutdown(); }

Result<std::vector<NvmlGpu>> NvmlSession::Gpus() const {
  unsigned count = 0;
  const int nvml_return = library_->device_count(&count);
  if (nvml_return != kNvmlSuccess) return NvmlError("nvmlDeviceGetCount_v2", nvml_return);
  std::vector<NvmlGpu> gpus;
  for (unsigned index = 0; index < std::min(count, kMostGpus); ++index)
    gpus.push_back(FindGpu(*library_, index));
  return gpus;
}

}  // namespace wattledger
