// What one pass of the reader of a Cray's counters costs beside the bare calls, in the same run. Argument: a directory of
// pm_counters. Prints "READER_NS BARE_NS".
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "core/clock.h"
#include "core/unique_fd.h"
#include "files/pm_counters_reader.h"

namespace wattledger {
namespace {

constexpr int kRounds = 201;
constexpr int kPassesPerRound = 200;
const std::vector<std::string> kEnergies = {"energy", "cpu_energy", "memory_energy", "accel0_energy", "accel1_energy"};

double MeanNs(const std::function<void()>& pass) {
  const int64_t start = MonotonicNs();
  for (int i = 0; i < kPassesPerRound; ++i) pass();
  return static_cast<double>(MonotonicNs() - start) / kPassesPerRound;
}

double Median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

int Compare(const std::string& directory) {
  StopSignal stop;
  PmCountersReader reader(directory, kEnergies, INT64_MAX);
  std::vector<Reading> readings(reader.Open(stop).value().size());
  // The set, with freshness before and behind it.
  std::vector<std::string> names = kEnergies;
  names.insert(names.end(), {"freshness", "freshness"});
  std::vector<UniqueFd> files;
  for (const auto& name : names) files.emplace_back(open((directory + "/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text;
  std::vector<double> reader_ns, bare_ns;
  // Rounds of both take turns, so that a busy machine slows both.
  for (int round = 0; round < kRounds; ++round) {
    reader_ns.push_back(MeanNs([&] { reader.Read(readings, stop); }));
    bare_ns.push_back(MeanNs([&] {
      for (const auto& file : files) (void)!pread(file.get(), text.data(), text.size(), 0);
    }));
  }
  if (!std::ranges::all_of(readings, [](const Reading& reading) { return reading.code == Code::kOk; })) return 1;
  std::printf("%.0f %.0f\n", Median(reader_ns), Median(bare_ns));
  return 0;
}

}  // namespace
}  // namespace wattledger

int main(int argc, char** argv) { return argc == 2 ? wattledger::Compare(argv[1]) : 2; }
