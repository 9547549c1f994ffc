#pragma once

#include "core/result.h"
#include "ipmi/message.h"

namespace wattledger::ipmi {

// Energy counters of vendors. Sent only to their BMCs (allow_list.h). Layouts: docs of ipmitool's `delloem`,
// freeipmi, Slurm's acct_gather_energy/xcc and EAR; none was run against the vendors' hardware by us.

// Dell iDRAC: watt-hours since an operator reset them.
Request DellEnergyRequest();
Result<uint64_t> ParseDellEnergyWh(ByteView response);

// Lenovo SD650: joules (32 bits) and millijoules of the node, as millijoules. The BMC's own time stamp in the
// response is 10 ms class and of another clock; the brackets of our own clock serve as well at the reader's
// interval.
Request LenovoNodeEnergyRequest();
Result<uint64_t> ParseLenovoNodeEnergyMj(ByteView response);

// Lenovo energy meter: first its handle, then the energy of the DC or the AC side in millijoules.
Request LenovoMeterHandleRequest();
Result<uint8_t> ParseLenovoMeterHandle(ByteView response);
Request LenovoMeterEnergyRequest(uint8_t handle, bool ac);
Result<uint64_t> ParseLenovoMeterEnergyMj(ByteView response);

}  // namespace wattledger::ipmi
