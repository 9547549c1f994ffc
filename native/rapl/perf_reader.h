#pragma once

#include <cstdint>
#include <vector>

#include "core/reader.h"
#include "rapl/perf_group.h"

namespace wattledger {

struct PerfEvent {
  int cpu = 0;
  uint64_t config = 0;
};

// Reads counting events of one PMU, in groups: neighbouring events of the same CPU. See PerfGroup for what
// the values and error details mean.
class PerfReader : public Reader {
 public:
  PerfReader(uint32_t pmu, const std::vector<PerfEvent>& events);

  // Fails when no event at all can be opened, for the reason of the first.
  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  void Close() noexcept override;

 private:
  std::vector<PerfGroup> groups_;
};

}  // namespace wattledger
