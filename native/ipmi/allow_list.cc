#include "ipmi/allow_list.h"

#include <algorithm>

namespace wattledger::ipmi {
namespace {

constexpr uint16_t kAny = 0x100;  // a pattern's byte that may be anything
constexpr uint16_t kEnd = 0x101;  // end of a pattern: the data has this length exactly
constexpr uint32_t kEveryVendor = 0xffffffff;

struct Rule {
  uint8_t netfn;
  uint8_t cmd;
  uint16_t pattern[12];
  uint32_t manufacturer = kEveryVendor;
  bool satellites = false;  // also to other controllers than the BMC
};

constexpr Rule kRules[] = {
    {0x06, 0x01, {kEnd}},                                      // Get Device ID
    {0x0a, 0x20, {kEnd}},                                      // Get SDR Repository Info
    {0x0a, 0x22, {kEnd}},                                      // Reserve SDR Repository: guards partial reads
    {0x0a, 0x23, {kAny, kAny, kAny, kAny, kAny, kAny, kEnd}},  // Get SDR
    {0x04, 0x20, {kEnd}},                                      // Get Device SDR Info
    {0x04, 0x22, {kEnd}},                                      // Reserve Device SDR Repository
    {0x04, 0x21, {kAny, kAny, kAny, kAny, kAny, kAny, kEnd}},  // Get Device SDR
    {0x04, 0x2d, {kAny, kEnd}, kEveryVendor, true},            // Get Sensor Reading
    {0x2c, 0x02, {0xdc, 0x01, 0x00, 0x00, kEnd}},              // DCMI Get Power Reading, mode 1
    {0x30, 0x9c, {0x07, 0x01, kEnd}, kDell},                   // cumulative energy and peaks
    {0x3a, 0x32, {0x04, 0x02, 0x00, 0x00, 0x00, kEnd}, kLenovo},        // energy of the node
    {0x2e, 0x82, {0x66, 0x4a, 0x00, 0x00, 0x00, 0x01, kEnd}, kLenovo},  // which handle the energy meter has
    {0x2e, 0x81, {0x66, 0x4a, 0x00, kAny, 0x01, 0x82, 0x00, 0x08, kEnd}, kLenovo},  // its DC energy
    {0x2e, 0x81, {0x66, 0x4a, 0x00, kAny, 0x01, 0x82, 0x01, 0x08, kEnd}, kLenovo},  // its AC energy
};

bool Matches(const uint16_t* pattern, ByteView data) {
  for (const uint8_t byte : data) {
    if (*pattern == kEnd || (*pattern != kAny && *pattern != byte)) return false;
    ++pattern;
  }
  return *pattern == kEnd;
}

}  // namespace

bool IsAllowed(const Request& request, std::optional<uint32_t> manufacturer) {
  return std::ranges::any_of(kRules, [&](const Rule& rule) {
    return rule.netfn == request.netfn && rule.cmd == request.cmd &&
           (rule.satellites || request.to.IsBmc()) &&
           (rule.manufacturer == kEveryVendor || rule.manufacturer == manufacturer) &&
           Matches(rule.pattern, request.data);
  });
}

}  // namespace wattledger::ipmi
