#pragma once

#include <string>

#include "ipmi/message.h"

namespace wattledger::ipmi {

// Two lower-case digits per byte.
inline std::string Hex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) text.append({kDigits[byte >> 4], kDigits[byte & 15]});
  return text;
}

}  // namespace wattledger::ipmi
