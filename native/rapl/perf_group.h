#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/reader.h"
#include "core/unique_fd.h"

namespace wattledger {

// Counting events of one PMU on one CPU, which one read(2) takes in one instant. Values are the kernel's
// 64-bit counts since the event was opened. When the group can no longer be read (the error state, which
// reads as the end of the file, as after its CPU went offline) it is opened anew at the next sweep, and then
// begins at 0.
class PerfGroup {
 public:
  // `pmu` is perf_event_attr.type: the number in the PMU's `type` file.
  PerfGroup(uint32_t pmu, int cpu, std::vector<uint64_t> configs);

  // An event that cannot be opened is left out and costs no other. Returns 0, or the errno of the first event
  // when none can be opened.
  int Open();
  // One reading per event, in the order given. Details are errno values; ENODATA stands for the error state.
  void Read(std::span<Reading> readings);
  void Close() noexcept;

  int cpu() const { return cpu_; }
  const std::vector<uint64_t>& configs() const { return configs_; }

 private:
  struct Event {
    UniqueFd fd;
    uint64_t id = 0;
    int error_number = 0;  // why fd is not valid
  };

  int ReadValues(std::vector<uint64_t>& values, Reading& bracket);

  uint32_t pmu_;
  int cpu_;
  std::vector<uint64_t> configs_;
  std::vector<Event> events_;
  int leader_ = -1;
};

}  // namespace wattledger
