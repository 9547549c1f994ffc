#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "core/clock.h"
#include "core/reader.h"

namespace wattledger {

template <typename Value>
Value Median(std::vector<Value> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A reader beside the bare calls that it cannot do without: prints "NAME READER_NS BARE_NS" of one pass of each, and
// nothing for what this machine refuses. Rounds of both take turns, so that a busy machine slows both.
inline void Compare(const char* name, Reader& reader, const std::function<void()>& bare) {
  constexpr int kRounds = 201;
  constexpr int kPassesPerRound = 200;
  const auto mean_ns = [](const auto& pass) {
    const int64_t start = MonotonicNs();
    for (int i = 0; i < kPassesPerRound; ++i) pass();
    return static_cast<double>(MonotonicNs() - start) / kPassesPerRound;
  };
  const StopSignal stop;
  const auto opened = reader.Open(stop);
  if (!opened.ok()) return;
  std::vector<Reading> readings(opened.value().size());
  std::vector<double> reader_ns, bare_ns;
  for (int round = 0; round < kRounds; ++round) {
    reader_ns.push_back(mean_ns([&] { reader.Read(readings, stop); }));
    bare_ns.push_back(mean_ns(bare));
  }
  for (const auto& reading : readings) {
    if (reading.code != Code::kOk) return;
  }
  std::printf("%s %.0f %.0f\n", name, Median(reader_ns), Median(bare_ns));
}

}  // namespace wattledger
