#include "binding/rapl_options.h"

#include "rapl/msr_reader.h"
#include "rapl/perf_reader.h"

namespace wattledger {

std::unique_ptr<Reader> MakePerf(const Arguments& options) {
  std::vector<PerfEvent> events;
  for (const auto& event : options.Objects("events")) {
    events.push_back({static_cast<int>(event.Uint32("cpu")), event.Uint32("config")});
  }
  return std::make_unique<PerfReader>(options.Uint32("pmu"), events);
}

std::unique_ptr<Reader> MakeMsr(const Arguments& options) {
  std::vector<MsrRegister> registers;
  for (const auto& place : options.Objects("registers")) {
    registers.push_back({place.String("path"), place.Uint32("register"), place.Uint32("unitRegister")});
  }
  return std::make_unique<MsrReader>(std::move(registers));
}

}  // namespace wattledger
