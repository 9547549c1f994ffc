#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/reader.h"
#include "nvml/back_off.h"
#include "nvml/nvml_probe.h"
#include "nvml/nvml_rest.h"
#include "nvml/nvml_session.h"
#include "nvml/nvml_source.h"

namespace wattledger {

// A GPU that was found before.
struct KnownGpu {
  std::string uuid;
  NvmlSource source;
  std::vector<NvmlSource> witnesses = {};
};

struct NvmlOptions {
  std::string library_path;
  std::vector<NvmlSource> preference;  // how to read a GPU: the first that it does not refuse
  int64_t recover_after_ns = 30'000'000'000;
  std::vector<KnownGpu> known = {};
  // Powers that an energy counter is watched beside: of each list the first that the GPU answers.
  std::vector<std::vector<NvmlSource>> witnesses = {};
  std::vector<std::string> distrusted = {};  // UUIDs of GPUs whose energy counter is not asked
  NvmlRestOptions rest = {};
};

// One channel per physical GPU, under its UUID and by its source (attribute `source`; `index` is its number in
// the enumeration). A GPU that may not be opened or fails is left out (attribute `leftOut` of all others:
// "<index>:<nvmlReturn_t>", comma separated) and costs the others nothing. One that is lost does not tell its
// UUID: in its place stands one of those that were known and are missing, with no more attributes than
// `source`, and its readings fail. While a GPU or the driver is lost, a new session is begun after a back-off,
// which finds it under the same UUID. A GPU that is read by its energy counter is followed by its witnesses,
// channels with its UUID and the attributes `source` and `witness`. Of one that may sleep (attribute `maySleep`) the last
// channel has the attribute `wakes` and counts how often it was asked while it slept; all of them fail with kNvmlLeftAlone
// while it is not to be asked. Other error details are nvmlReturn_t.
class NvmlReader : public Reader {
 public:
  explicit NvmlReader(NvmlOptions options)
      : options_(std::move(options)), back_off_(options_.recover_after_ns) {}

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  // A new session found GPUs that Open() did not or no longer counts one that it did, or a GPU refuses the
  // source that Open() chose for it.
  bool Outdated() const override { return has_other_gpus_ || is_refused_; }
  void Close() noexcept override;

 private:
  struct Channel {
    std::string uuid;
    NvmlSource source;
    NvmlDevice device;
    bool is_witness = false;
    std::shared_ptr<NvmlRest> rest = {};  // of a GPU that may sleep
    bool counts_wakes = false;
  };

  int Take(const NvmlGpu& gpu, std::vector<ChannelInfo>& infos);
  std::vector<KnownGpu> Missing(const std::vector<NvmlGpu>& gpus) const;
  void Await(const KnownGpu& gpu, std::vector<ChannelInfo>& infos);
  NvmlProbe Probe(const NvmlGpu& gpu) const;
  void TakeWitness(const std::string& uuid, NvmlSource source, NvmlDevice device, std::vector<ChannelInfo>& infos);
  void TakeWitnesses(const NvmlGpu& gpu, std::vector<ChannelInfo>& infos);
  void TakeRest(size_t first, std::vector<ChannelInfo>& infos);
  bool IsLeftAlone(size_t at, bool was_left_alone);
  void Recover();
  void Bind(const std::vector<NvmlGpu>& gpus);
  void ReadChannel(const Channel& channel, Reading& reading) const;
  Result<uint64_t> Ask(const Channel& channel) const;

  const NvmlOptions options_;
  std::unique_ptr<NvmlSession> session_;
  Error session_error_;  // while there is no session
  std::vector<Channel> channels_;
  std::set<std::string> known_uuids_;  // those that Open() saw, whether it took them or not
  BackOff back_off_;
  bool awaits_gpu_ = false;  // one that is counted, but lost
  bool has_other_gpus_ = false;
  bool is_refused_ = false;
};

}  // namespace wattledger
