#pragma once

#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/reader.h"
#include "core/unique_fd.h"

namespace wattledger {

// `100 J 1734094386462336 us`: a number, its unit, and when it was measured by the clock of the blade's controller. First
// systems write the number alone.
struct PmCounter {
  uint64_t value = 0;
  std::string unit;
  uint64_t stamp_us = 0;  // 0 for none
};

// Anything else is none.
std::optional<PmCounter> ParsePmCounter(std::string_view text);

// Reads counters of joules from a directory of HPE Cray's pm_counters, which the controller of the blade fills ten times a
// second. `freshness` counts these times: where it moves while the set is read, the set is read again, so that all of it is
// of one time. Open() gives a channel per file that does not stand at 0, which is what the controller writes of hardware
// that is not there; its attributes are `file`, and `startup`, which changes when the controller starts and counts from 0
// anew. Then everything is kTransient with ESTALE, and Outdated() true. So is one number that was not renewed for
// `stale_ns`. Error details are errno values; a text that is no number of joules is kCorrupt.
class PmCountersReader : public Reader {
 public:
  // `call` is pread(2), at a seam for tests.
  PmCountersReader(const std::string& directory, std::vector<std::string> names, int64_t stale_ns,
                   decltype(&pread) call = pread);

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  bool Outdated() const override { return is_other_; }
  void Close() noexcept override;

 private:
  struct File {
    std::string name;
    std::string path;
    UniqueFd fd;
    // What tells one renewal from another, and when it was first seen.
    uint64_t mark = 0;
    int64_t since_ns = 0;
  };
  // A counter, or the errno (0: no number) why there is none.
  struct Outcome {
    std::optional<PmCounter> counter;
    int error_number = 0;
  };

  Outcome ReadFile(File& file);
  void ReadSet(const Outcome& freshness, std::span<Reading> readings);
  void ReadInto(File& file, uint64_t freshness, Reading& reading);

  decltype(&pread) const call_;
  const int64_t stale_ns_;
  File freshness_;
  File startup_;
  std::vector<File> files_;
  std::vector<File> idle_;  // those that stand at 0
  std::optional<uint64_t> epoch_;
  bool has_restarted_ = false;
  bool is_other_ = false;
};

}  // namespace wattledger
