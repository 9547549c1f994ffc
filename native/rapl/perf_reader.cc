#include "rapl/perf_reader.h"

#include <cstring>

namespace wattledger {

PerfReader::PerfReader(uint32_t pmu, const std::vector<PerfEvent>& events) {
  for (size_t i = 0; i < events.size();) {
    const int cpu = events[i].cpu;
    std::vector<uint64_t> configs;
    for (; i < events.size() && events[i].cpu == cpu; ++i) configs.push_back(events[i].config);
    groups_.emplace_back(pmu, cpu, std::move(configs));
  }
}

Result<std::vector<ChannelInfo>> PerfReader::Open(const StopSignal&) {
  std::vector<ChannelInfo> channels;
  size_t refused = 0;
  int first_error = 0;
  for (auto& group : groups_) {
    const int error_number = group.Open();
    if (error_number != 0 && refused++ == 0) first_error = error_number;
    for (const uint64_t config : group.configs()) {
      channels.push_back({"cpu" + std::to_string(group.cpu()) + " event " + std::to_string(config), {}});
    }
  }
  if (refused < groups_.size() || groups_.empty()) return channels;
  return Error{CodeOfErrno(first_error), first_error,
               std::string("perf_event_open: ") + std::strerror(first_error)};
}

void PerfReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  size_t first = 0;
  for (auto& group : groups_) {
    if (stop.requested()) return;
    group.Read(readings.subspan(first, group.configs().size()));
    first += group.configs().size();
  }
}

void PerfReader::Close() noexcept {
  for (auto& group : groups_) group.Close();
}

}  // namespace wattledger
