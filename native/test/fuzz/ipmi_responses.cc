#include <cstdint>
#include <cstdlib>

#include "ipmi/failure.h"
#include "ipmi/repository.h"
#include "ipmi/responses.h"
#include "ipmi/vendor_energy.h"

namespace {

using wattledger::Code;
using wattledger::ipmi::ByteView;

// A value only ever comes from a response with completion code 0 and enough bytes; a failure always has a
// code.
template <typename T>
void Check(const wattledger::Result<T>& parsed, ByteView response, size_t least) {
  if (parsed.ok() && (response.size() < least || response[0] != 0)) abort();
  if (!parsed.ok() && (parsed.error().code == Code::kOk || parsed.error().message.empty())) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wattledger::ipmi;
  const ByteView response(data, size);
  Check(ParseDeviceId(response), response, 12);
  Check(ParsePowerReading(response), response, 19);
  Check(ParseSensorReading(response), response, 3);
  Check(ParseSensorStates(response), response, 4);
  Check(ParseMainInfo(response), response, 15);
  Check(ParseDeviceInfo(response), response, 3);
  Check(ParseDellEnergyWh(response), response, 25);
  Check(ParseLenovoNodeEnergyMj(response), response, 15);
  Check(ParseLenovoMeterHandle(response), response, 8);
  Check(ParseLenovoMeterEnergyMj(response), response, 12);
  for (const size_t asked : {size_t{1}, size_t{5}, size_t{16}}) {
    const auto fragment = ParseSdrFragment(response, asked);
    Check(fragment, response, 4);
    if (fragment.ok() && (fragment.value().data.empty() || fragment.value().data.size() > asked)) abort();
  }
  return 0;
}
