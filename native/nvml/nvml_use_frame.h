#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "nvml/nvml_types.h"

namespace wattledger {

// What a driver does not tell. Crosses the boundary to src/native/accelerator-watch.ts.
constexpr uint64_t kNvmlUntold = UINT64_MAX;

// A process that has a GPU, or an instance of it, open. One that does so in two ways is there twice.
struct NvmlProcess {
  enum Kind : uint64_t { kCompute, kGraphics, kMps };
  uint64_t pid = 0;
  Kind kind = kCompute;
  uint64_t memory_bytes = kNvmlUntold;
  uint64_t gpu_instance = kNvmlUntold;  // and compute_instance: only with MIG
  uint64_t compute_instance = kNvmlUntold;
};

// Share of the time since it was last asked for in which a process kept the GPU busy, as of `at_us` of the driver's clock.
struct NvmlSample {
  uint64_t pid = 0;
  uint64_t at_us = 0;
  uint64_t percent = 0;
};

// A compute instance of MIG.
struct NvmlInstance {
  std::string uuid;
  uint64_t gpu_instance = kNvmlUntold;
  uint64_t compute_instance = kNvmlUntold;
  uint64_t slices = kNvmlUntold;  // of its GPU instance
  uint64_t compute_slices = kNvmlUntold;
  uint64_t memory_mb = kNvmlUntold;
};

// What the driver says of one GPU's users. A list means something only where the function's nvmlReturn_t is success, or
// for samples kNvmlNotFound: nobody was busy.
struct NvmlDeviceUse {
  std::string uuid;
  std::string pci_address;  // as in sysfs; empty where it is not told
  int64_t before_ns = 0;
  int64_t after_ns = 0;
  uint64_t c2c = kNvmlUntold;
  uint64_t minor = kNvmlUntold;         // /dev/nvidia<minor>
  uint64_t percent = kNvmlUntold;       // utilization of the whole GPU
  uint64_t mig = kNvmlUntold;           // 1: MIG is on
  uint64_t board_slices = kNvmlUntold;  // GPU instances of one slice that fit on it
  uint64_t since_us = 0;                // of the samples
  int processes_return = kNvmlUnknown;
  int samples_return = kNvmlUnknown;
  std::vector<NvmlProcess> processes;
  std::vector<NvmlSample> samples;
  std::vector<NvmlInstance> instances;
};

struct NvmlUseFrame {
  int64_t before_ns = 0;
  int64_t after_ns = 0;
  std::vector<NvmlDeviceUse> devices;
};

// Hands frames from the reader's thread to another. A frame in which nobody uses a GPU and all is as in the one before takes
// its place, for the two tell of one long rest. The oldest gives way: the driver's next samples are the means since the last.
class NvmlUseBox {
 public:
  explicit NvmlUseBox(size_t capacity) : capacity_(capacity) {}

  void Put(NvmlUseFrame frame);
  // All since the last call, oldest first.
  std::deque<NvmlUseFrame> Take();

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::deque<NvmlUseFrame> frames_;
};

}  // namespace wattledger
