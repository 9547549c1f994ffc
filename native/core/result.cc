#include "core/result.h"

#include <cerrno>

namespace wattledger {

Code CodeOfErrno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ENOTDIR:
      return Code::kAbsent;
    case EACCES:
    case EPERM:
      return Code::kPermission;
    case ETIMEDOUT:
      return Code::kTimeout;
    default:
      return Code::kTransient;
  }
}

}  // namespace wattledger
