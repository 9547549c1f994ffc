#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/reader.h"
#include "ipmi/session.h"
#include "ipmi/source.h"

namespace wattledger::ipmi {

struct IpmiReaderOptions {
  std::vector<Source> sources;
  // Sensors that the records name but that were not there: looked at now and then, in case one was plugged
  // in.
  std::vector<Source> absent;
  // DeviceId::Identity() of the BMC and Repository::stamp of the records from which the sources were chosen.
  // An empty stamp is not watched.
  std::string identity;
  std::string stamp;
  // Between two looks at the stamp and at the absent sensors.
  int64_t watch_ns = 60'000'000'000;
};

// Reads chosen quantities of a BMC, one request each. Opening asks only who the BMC is; a lost connection is
// made again at the next sweep. Outdated when another BMC answers, the records changed, an absent sensor
// answers or a source is refused for good: the choice then rests on facts that no longer hold.
class IpmiReader : public Reader {
 public:
  IpmiReader(std::unique_ptr<Transport> transport, int64_t deadline_ns, IpmiReaderOptions options);

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  bool Outdated() const override { return outdated_; }
  void Close() noexcept override { session_.Disconnect(); }

 private:
  std::optional<Error> Connect(const StopSignal& stop);
  void ReadSource(size_t index, Reading& reading, const StopSignal& stop);
  Result<uint64_t> AskStatus(const Source& source, const Error& otherwise, const StopSignal& stop);
  void WatchRecords(const StopSignal& stop);
  void WatchPresence(std::span<const Reading> readings, const StopSignal& stop);

  Session session_;
  const IpmiReaderOptions options_;
  size_t first_ = 0;  // where the next sweep begins: behind the source at which the BMC fell silent
  int64_t watched_ns_ = 0;
  bool records_hold_ = true;
  bool outdated_ = false;
};

}  // namespace wattledger::ipmi
