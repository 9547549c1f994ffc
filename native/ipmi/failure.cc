#include "ipmi/failure.h"

#include <cstdio>
#include <cstring>

namespace wattledger::ipmi {

Code CodeOfCompletion(uint8_t completion) {
  switch (completion) {
    case kOk:
      return Code::kOk;
    case kNodeBusy:
    case kReservationLost:
    case kNoResponse:
    case kDuplicated:
    case kFirmwareUpdate:
    case kInitialising:
    case kDestinationUnavailable:
    case kUnspecified:
      return Code::kTransient;
    case kTimeoutCode:
      return Code::kTimeout;
    case kPrivilege:
      return Code::kPermission;
    default:
      return Code::kAbsent;
  }
}

Error Refusal(uint8_t completion) {
  char text[40];
  snprintf(text, sizeof text, "the BMC answered with code %02x", completion);
  return {CodeOfCompletion(completion), completion, text};
}

Error Malformed(const char* what) {
  return {Code::kCorrupt, kMalformed, std::string("malformed response: ") + what};
}

Error SystemError(int error_number, const std::string& what) {
  return {CodeOfErrno(error_number), -error_number, what + ": " + strerror(error_number)};
}

}  // namespace wattledger::ipmi
