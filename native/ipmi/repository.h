#pragma once

#include <string>
#include <vector>

#include "ipmi/session.h"

namespace wattledger::ipmi {

// Where a BMC keeps its sensor data records: the SDR repository (IPMI 2.0, section 33), or for want of that
// the records of the BMC itself (section 35, "device SDRs"). Both are read alike.
struct Repository {
  enum class Kind { kNone, kMain, kDevice };
  Kind kind = Kind::kNone;
  // Differs when the records do: their number with the stamps of the last addition and erasure, or with the
  // population change indicator. The number serves BMCs that keep no stamps.
  std::string stamp;
};

// One record part of a Get SDR or Get Device SDR response.
struct SdrFragment {
  uint16_t next_id = 0;
  ByteView data;  // into the response
};
Result<SdrFragment> ParseSdrFragment(ByteView response, size_t asked);

// Get SDR Repository Info or Get Device SDR Info. `count` is the number of records or sensors.
struct RepositoryInfo {
  uint16_t count = 0;
  std::string stamp;
};
Result<RepositoryInfo> ParseMainInfo(ByteView response);
Result<RepositoryInfo> ParseDeviceInfo(ByteView response);

// Which repository the BMC has: one request, or two when the main one is missing or empty. A BMC that refuses
// both has none; an error means that it could not be learnt now.
Result<Repository> FindRepository(Session& session, const StopSignal& stop);

// All records, whole, with their 5-byte headers, in the repository's order.
Result<std::vector<Bytes>> ReadRecords(Session& session, Repository::Kind kind, const StopSignal& stop);

}  // namespace wattledger::ipmi
