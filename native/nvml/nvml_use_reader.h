#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/reader.h"
#include "nvml/nvml_rest.h"
#include "nvml/nvml_session.h"
#include "nvml/nvml_use_frame.h"

namespace wattledger {

struct NvmlUseOptions {
  std::string library_path;
  int64_t recover_after_ns = 30'000'000'000;
  std::shared_ptr<NvmlUseBox> box;
  NvmlRestOptions rest = {};
};

// Reads who uses the GPUs: its one channel counts the sweeps, and what each saw goes into a box. It has a session for each
// sweep alone: a lost GPU, a new one and a new library are found only by who begins when nobody in the process has the
// library open, and that is the reader of their energy. Beside that one a session costs next to nothing. A GPU that may
// sleep and that nobody uses is told as it was when it was asked last.
class NvmlUseReader : public Reader {
 public:
  explicit NvmlUseReader(NvmlUseOptions options) : options_(std::move(options)) {}

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  // A process was named that the sweep before did not name: whose it is can be seen only while it runs.
  bool IsUrgent() const override { return names_another_; }
  void Close() noexcept override {}

 private:
  // One that may sleep, and what it told last.
  struct Sleeper {
    std::shared_ptr<NvmlRest> rest;
    NvmlDeviceUse last;
  };

  void ReadGpu(const NvmlLibrary& library, const NvmlGpu& gpu, NvmlUseFrame& frame);
  std::shared_ptr<NvmlRest> RestOf(const NvmlDeviceUse& use);
  static bool IsUsed(const NvmlDeviceUse& use);
  void Name(const NvmlUseFrame& frame);

  const NvmlUseOptions options_;
  std::map<std::string, uint64_t> since_us_;  // by UUID: the newest sample seen
  std::map<std::string, Sleeper> sleepers_;   // by UUID
  std::set<std::string> awake_;               // UUIDs of those that never sleep
  std::set<uint64_t> named_;                  // pids, by the last sweep
  bool names_another_ = false;
  int64_t next_ns_ = 0;                       // no session before
  int64_t failed_wait_ns_ = 0;
  uint64_t sweeps_ = 0;
};

}  // namespace wattledger
