#include "ipmi/ipmi_reader.h"

#include <algorithm>

#include "core/clock.h"
#include "ipmi/failure.h"
#include "ipmi/repository.h"

namespace wattledger::ipmi {
namespace {

void Fail(Reading& reading, const Error& error) {
  reading.code = error.code;
  reading.detail = error.detail;
}

}  // namespace

IpmiReader::IpmiReader(std::unique_ptr<Transport> transport, int64_t deadline_ns, IpmiReaderOptions options)
    : session_(std::move(transport), deadline_ns), options_(std::move(options)) {}

Result<std::vector<ChannelInfo>> IpmiReader::Open(const StopSignal& stop) {
  if (auto error = Connect(stop)) return *error;
  watched_ns_ = MonotonicNs();
  return std::vector<ChannelInfo>(options_.sources.size(), ChannelInfo{"source", {}});
}

std::optional<Error> IpmiReader::Connect(const StopSignal& stop) {
  const auto device = session_.Connect(stop);
  if (!device.ok()) return device.error();
  if (device.value().Identity() != options_.identity) {
    outdated_ = true;
    records_hold_ = false;
  }
  return std::nullopt;
}

void IpmiReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  std::optional<Error> down;
  if (!session_.connected()) {
    down = Connect(stop);
    // Before the first reading of a new connection: its sensors may be others by the same numbers.
    if (!down) WatchRecords(stop);
  }
  const size_t count = options_.sources.size();
  for (size_t step = 0, first = first_; step < count && !stop.requested(); ++step) {
    const size_t index = (first + step) % count;
    readings[index].before_ns = readings[index].after_ns = MonotonicNs();
    if (down) {
      Fail(readings[index], *down);
    } else {
      ReadSource(index, readings[index], stop);
    }
  }
  if (down || MonotonicNs() - watched_ns_ < options_.watch_ns) return;
  watched_ns_ = MonotonicNs();
  WatchRecords(stop);
  WatchPresence(readings, stop);
}

void IpmiReader::ReadSource(size_t index, Reading& reading, const StopSignal& stop) {
  const Source& source = options_.sources[index];
  if (source.DependsOnRecords() && !records_hold_) {
    return Fail(reading, {Code::kTransient, kSensorsChanged, "the sensors changed"});
  }
  const auto response = session_.Ask(source.ToRequest(), stop);
  reading.after_ns = MonotonicNs();
  if (!response.ok()) {
    const Error& error = response.error();
    if (error.code == Code::kTimeout && error.detail != kBackingOff)
      first_ = (index + 1) % options_.sources.size();
    return Fail(reading, error);
  }
  auto value = source.ValueOf(response.value());
  if (!value.ok() && source.LeavesItToStatus(value.error())) value = AskStatus(source, value.error(), stop);
  if (!value.ok()) return Fail(reading, value.error());
  reading.value = value.value();
  reading.code = Code::kOk;
}

Result<uint64_t> IpmiReader::AskStatus(const Source& source, const Error& otherwise, const StopSignal& stop) {
  const auto response = session_.Ask(source.ToStatusRequest(), stop);
  auto states = response.ok() ? Source::StatusValueOf(response.value()) : response.error();
  return states.ok() ? states : otherwise;
}

void IpmiReader::WatchRecords(const StopSignal& stop) {
  if (options_.stamp.empty()) return;
  const auto repository = FindRepository(session_, stop);
  if (!repository.ok() || repository.value().stamp == options_.stamp) return;
  records_hold_ = false;
  outdated_ = true;
}

void IpmiReader::WatchPresence(std::span<const Reading> readings, const StopSignal& stop) {
  const auto refused = [](const Reading& reading) { return reading.code == Code::kAbsent; };
  if (std::ranges::any_of(readings, refused)) outdated_ = true;
  for (const Source& source : options_.absent) {
    const auto response = session_.Ask(source.ToRequest(), stop);
    if (response.ok() && source.ValueOf(response.value()).ok()) outdated_ = true;
  }
}

}  // namespace wattledger::ipmi
