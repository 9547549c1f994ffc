#include <cstdint>
#include <cstdlib>

#include "ipmi/allow_list.h"

namespace {

struct Read {
  uint8_t netfn;
  uint8_t cmd;
  size_t length;
  uint32_t manufacturer;  // 0: of every vendor
};

// Every command that may leave, with the length of its data, as IPMI 2.0 (appendix G), DCMI 1.5 and the
// vendors' tools have them. All of them read.
constexpr Read kReads[] = {
    {0x06, 0x01, 0, 0},   {0x0a, 0x20, 0, 0},     {0x0a, 0x22, 0, 0},       {0x0a, 0x23, 6, 0},
    {0x04, 0x20, 0, 0},   {0x04, 0x21, 6, 0},     {0x04, 0x22, 0, 0},       {0x04, 0x2d, 1, 0},
    {0x2c, 0x02, 4, 0},   {0x30, 0x9c, 2, 674},   {0x3a, 0x32, 5, 19046},   {0x2e, 0x82, 6, 19046},
    {0x2e, 0x81, 8, 19046},
};

}  // namespace

// Whatever request anybody makes up: what is let through is a command that reads, of its exact length, to a
// BMC of its vendor; and a satellite controller is asked for nothing but a sensor's reading.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wattledger::ipmi;
  if (size < 4) return 0;
  constexpr uint32_t kManufacturers[] = {0, kDell, kLenovo, 10876};
  const uint32_t manufacturer = kManufacturers[data[0] % 4];
  const Request request{{data[1], 0, 0}, data[2], data[3], Bytes(data + 4, data + size)};
  const auto said = manufacturer == 0 ? std::nullopt : std::optional(manufacturer);
  if (!IsAllowed(request, said)) return 0;
  for (const Read& read : kReads) {
    if (read.netfn != request.netfn || read.cmd != request.cmd) continue;
    if (request.data.size() != read.length) std::abort();
    if (read.manufacturer != 0 && read.manufacturer != manufacturer) std::abort();
    if (!request.to.IsBmc() && read.cmd != 0x2d) std::abort();
    return 0;
  }
  std::abort();
}
