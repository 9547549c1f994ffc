#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nvml/nvml_library.h"

namespace wattledger {

// A GPU of the enumeration. Device and UUID mean something only when `nvml_return` is success: a GPU that may
// not be opened or fell off the bus is counted by the library all the same.
struct NvmlGpu {
  unsigned index = 0;
  int nvml_return = kNvmlUnknown;
  NvmlDevice device = nullptr;
  std::string uuid;
};

// From nvmlInit to nvmlShutdown. The library is loaded anew for each session: one that was upgraded under a
// running process is seen by no other means.
class NvmlSession {
 public:
  static Result<std::unique_ptr<NvmlSession>> Start(const std::string& library_path);
  ~NvmlSession();
  NvmlSession(const NvmlSession&) = delete;
  NvmlSession& operator=(const NvmlSession&) = delete;

  const NvmlLibrary& library() const { return *library_; }
  // Physical GPUs only: instances of MIG are no entries of this list, and each would claim its parent's whole
  // energy.
  Result<std::vector<NvmlGpu>> Gpus() const;

 private:
  explicit NvmlSession(std::unique_ptr<NvmlLibrary> library) : library_(std::move(library)) {}

  std::unique_ptr<NvmlLibrary> library_;
};

}  // namespace wattledger
