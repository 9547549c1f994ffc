#include "nvml/nvml_code.h"

#include "nvml/nvml_types.h"

namespace wattledger {

Code CodeOfNvml(int nvml_return) {
  switch (nvml_return) {
    case kNvmlSuccess:
      return Code::kOk;
    case kNvmlNotSupported:
    case kNvmlNotFound:
    case kNvmlDriverNotLoaded:
    case kNvmlLibraryNotFound:
    case kNvmlFunctionNotFound:
    case kNvmlGpuIsLost:
    case kNvmlResetRequired:
    case kNvmlGpuNotFound:
      return Code::kAbsent;
    case kNvmlNoPermission:
    case kNvmlOperatingSystem:
      return Code::kPermission;
    default:
      return Code::kTransient;
  }
}

bool IsRefused(int nvml_return) {
  switch (nvml_return) {
    case kNvmlInvalidArgument:  // how a driver says that it does not know a field
    case kNvmlNotSupported:
    case kNvmlNoPermission:
    case kNvmlNotFound:
    case kNvmlFunctionNotFound:
    case kNvmlNoData:
    case kNvmlArgumentVersionMismatch:
      return true;
    default:
      return false;
  }
}

bool NeedsNewSession(int nvml_return) {
  switch (nvml_return) {
    case kNvmlUninitialized:
    case kNvmlInvalidArgument:  // a handle from before the driver was reloaded
    case kNvmlDriverNotLoaded:
    case kNvmlGpuIsLost:
    case kNvmlResetRequired:
    case kNvmlLibRmVersionMismatch:
    case kNvmlGpuNotFound:
      return true;
    default:
      return false;
  }
}

Error NvmlError(const std::string& what, int nvml_return) {
  return {CodeOfNvml(nvml_return), nvml_return, what + " returned " + std::to_string(nvml_return)};
}

}  // namespace wattledger
