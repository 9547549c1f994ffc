#pragma once

#include <string>

#include "core/unique_fd.h"

namespace wattledger {

// Whether a device sleeps by runtime power management, from its `power/runtime_status`: the kernel tells that without the
// device, which any other question would wake (Documentation/ABI/testing/sysfs-devices-power).
class RuntimeStatus {
 public:
  // Of an empty path, and of one that cannot be read, nobody knows that it sleeps.
  explicit RuntimeStatus(std::string path) : path_(std::move(path)) {}

  bool IsSuspended();

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace wattledger
