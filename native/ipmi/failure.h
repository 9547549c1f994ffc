#pragma once

#include <string>

#include "core/result.h"
#include "ipmi/message.h"

namespace wattledger::ipmi {

// Error::detail of everything under ipmi/: a completion code when positive, an errno when negative, and above
// 0xff one of the following. src/sensors/ipmi/codes.ts has the words.
inline constexpr int kReadingUnavailable = 0x100;  // Get Sensor Reading, byte 3, bit 5
inline constexpr int kScanningDisabled = 0x101;    // bit 6 clear
inline constexpr int kMalformed = 0x102;           // a response too short, too long or against its own format
inline constexpr int kBackingOff = 0x103;          // not asked: the BMC did not answer lately
inline constexpr int kSensorsChanged = 0x104;      // not asked: the sensor may be another one by now
inline constexpr int kRefused = 0x105;             // not on the allow-list; a bug of ours

// The class of a completion code (IPMI 2.0, table 5-2): what passes by itself is kTransient, what this BMC
// cannot do or does not have is kAbsent.
Code CodeOfCompletion(uint8_t completion);

Error Refusal(uint8_t completion);
Error Malformed(const char* what);
Error SystemError(int error_number, const std::string& what);

}  // namespace wattledger::ipmi
