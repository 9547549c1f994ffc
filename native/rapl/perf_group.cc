#include "rapl/perf_group.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/clock.h"
#include "rapl/group_read.h"

namespace wattledger {
namespace {

// Counts on `cpu` for all processes. Nothing is excluded and nothing sampled: PMUs outside the cores refuse
// both (perf_event_open(2); PERF_PMU_CAP_NO_EXCLUDE).
UniqueFd OpenEvent(uint32_t pmu, uint64_t config, int cpu, int leader) {
  perf_event_attr attr;
  std::memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = pmu;
  attr.config = config;
  attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID;
  return UniqueFd(
      static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, cpu, leader, PERF_FLAG_FD_CLOEXEC)));
}

}  // namespace

PerfGroup::PerfGroup(uint32_t pmu, int cpu, std::vector<uint64_t> configs)
    : pmu_(pmu), cpu_(cpu), configs_(std::move(configs)), events_(configs_.size()) {}

int PerfGroup::Open() {
  Close();
  for (size_t i = 0; i < events_.size(); ++i) {
    Event& event = events_[i];
    UniqueFd fd = OpenEvent(pmu_, configs_[i], cpu_, leader_);
    if (!fd.valid() || ioctl(fd.get(), PERF_EVENT_IOC_ID, &event.id) != 0) {
      event.error_number = errno;
      continue;
    }
    if (leader_ < 0) leader_ = fd.get();
    event.fd = std::move(fd);
  }
  return leader_ >= 0 || events_.empty() ? 0 : events_.front().error_number;
}

// Fills `values`, one per open event, and the times of `bracket`. Returns 0, or the errno for which there are
// none.
int PerfGroup::ReadValues(std::vector<uint64_t>& values, Reading& bracket) {
  std::vector<uint64_t> ids;
  for (const auto& event : events_) {
    if (event.fd.valid()) ids.push_back(event.id);
  }
  values.resize(ids.size());
  std::vector<uint64_t> words(GroupReadWords(ids.size()));
  bracket.before_ns = MonotonicNs();
  const ssize_t length = read(leader_, words.data(), words.size() * sizeof(uint64_t));
  const int error_number = errno;
  bracket.after_ns = MonotonicNs();
  if (length < 0) return error_number;
  words.resize(static_cast<size_t>(length) / sizeof(uint64_t));
  return ParseGroupRead(words, ids, values) ? 0 : ENODATA;
}

void PerfGroup::Read(std::span<Reading> readings) {
  Reading bracket;
  bracket.before_ns = bracket.after_ns = MonotonicNs();
  std::vector<uint64_t> values;
  int group_error = 0;
  if (leader_ >= 0 || Open() == 0) group_error = ReadValues(values, bracket);

  size_t next = 0;
  for (size_t i = 0; i < events_.size(); ++i) {
    Reading& reading = readings[i];
    reading = bracket;
    reading.detail = events_[i].fd.valid() ? group_error : events_[i].error_number;
    reading.code = reading.detail == 0 ? Code::kOk : CodeOfErrno(reading.detail);
    if (reading.code == Code::kOk) reading.value = values[next++];
  }
  if (group_error != 0) Close();
}

void PerfGroup::Close() noexcept {
  for (auto& event : events_) event.fd.Reset();
  leader_ = -1;
}

}  // namespace wattledger
