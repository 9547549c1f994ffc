#include "cgroup/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/parse.h"
#include "core/unique_fd.h"

namespace wattledger::cgroup {
namespace {

// v1 says "no limit" as the highest count of whole pages (PAGE_COUNTER_MAX, mm/page_counter.c); a page has at most 64 KiB.
constexpr uint64_t kV1Unlimited = uint64_t{INT64_MAX} - 0xffff;

std::string_view TakeWord(std::string_view& text) {
  const size_t begin = text.find_first_not_of(" \n");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  const std::string_view word = text.substr(0, text.find_first_of(" \n"));
  text.remove_prefix(word.size());
  return word;
}

uint64_t NumberOrLimit(std::string_view word) {
  if (word == "max") return kUnlimited;
  return ParseUnsigned(word).value_or(kUnknown);
}

uint64_t ReadNumber(const Hierarchy& hierarchy, std::string_view path, const char* file) {
  const auto text = ReadText(hierarchy, path, file);
  if (!text) return kUnknown;
  std::string_view rest = *text;
  return NumberOrLimit(TakeWord(rest));
}

void ReadQuota(const Hierarchy& cpu, std::string_view path, Reservation& reservation) {
  if (cpu.unified) {
    const auto text = ReadText(cpu, path, "cpu.max");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    if (text) reservation.quota_us = NumberOrLimit(TakeWord(rest));
    if (text) reservation.period_us = NumberOrLimit(TakeWord(rest));
    return;
  }
  const auto quota = ReadText(cpu, path, "cpu.cfs_quota_us");
  if (!quota) return;
  reservation.quota_us = quota->starts_with('-') ? kUnlimited : ParseUnsigned(*quota).value_or(kUnknown);
  reservation.period_us = ReadNumber(cpu, path, "cpu.cfs_period_us");
}

// Of a set of the group's own. v2 leaves empty what is inherited; v1 copies it.
uint64_t ReadCpus(const Hierarchy& cpuset, std::string_view path) {
  if (cpuset.unified) {
    const auto own = ReadText(cpuset, path, "cpuset.cpus");
    if (!own || !ParseCpuCount(*own)) return kUnknown;
  }
  const auto text = ReadText(cpuset, path, cpuset.unified ? "cpuset.cpus.effective" : "cpuset.effective_cpus");
  return text ? ParseCpuCount(*text).value_or(kUnknown) : kUnknown;
}

void ReadMemoryLimits(const Hierarchy& memory, std::string_view path, Reservation& reservation) {
  if (memory.unified) {
    reservation.memory_max = ReadNumber(memory, path, "memory.max");
    reservation.memory_low = ReadNumber(memory, path, "memory.low");
    reservation.memory_min = ReadNumber(memory, path, "memory.min");
    return;
  }
  const auto known = [&](const char* file, uint64_t without_limit) {
    const uint64_t bytes = ReadNumber(memory, path, file);
    return bytes != kUnknown && bytes >= kV1Unlimited ? without_limit : bytes;
  };
  reservation.memory_max = known("memory.limit_in_bytes", kUnlimited);
  // A soft limit is what is left to a group under pressure, as `low` is; without one nothing is promised.
  reservation.memory_low = known("memory.soft_limit_in_bytes", 0);
}

}  // namespace

std::optional<std::string> ReadText(const Hierarchy& hierarchy, std::string_view path, const char* file) {
  if (hierarchy.root.empty()) return std::nullopt;
  std::string full = hierarchy.root;
  full.append(path).append("/").append(file);
  const UniqueFd fd(open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  std::array<char, 4096> text;
  const ssize_t length = fd.valid() ? pread(fd.get(), text.data(), text.size(), 0) : -1;
  if (length < 0) return std::nullopt;
  return std::string(text.data(), static_cast<size_t>(length));
}

const char* UsageFile(const Hierarchy& usage) { return usage.unified ? "cpu.stat" : "cpuacct.usage"; }

const char* MemoryFile(const Hierarchy& memory) {
  return memory.unified ? "memory.current" : "memory.usage_in_bytes";
}

std::optional<uint64_t> ParseUsageNs(const Hierarchy& usage, std::string_view text) {
  if (!usage.unified) return ParseUnsigned(text);
  constexpr std::string_view kKey = "usage_usec ";
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (text.starts_with(kKey)) {
      const auto us = ParseUnsigned(text.substr(kKey.size(), end - kKey.size()));
      return us && *us <= UINT64_MAX / 1000 ? std::optional(*us * 1000) : std::nullopt;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

std::optional<uint64_t> ParseStatNs(std::string_view text) {
  if (TakeWord(text) != "cpu") return std::nullopt;
  // user, nice, system, idle, iowait, irq, softirq; user and nice contain the guests.
  constexpr std::array kBusy = {true, true, true, false, false, true, true};
  uint64_t ticks = 0;
  for (const bool busy : kBusy) {
    const auto count = ParseUnsigned(TakeWord(text));
    if (!count) return std::nullopt;
    if (busy) ticks += *count;
  }
  static const auto kTickNs = 1'000'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return ticks * kTickNs;
}

std::optional<uint64_t> ParseCpuCount(std::string_view text) {
  uint64_t count = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end && *at != '\n') {
    uint32_t first = 0;
    auto parsed = std::from_chars(at, end, first);
    if (parsed.ec != std::errc()) return std::nullopt;
    uint32_t last = first;
    if (parsed.ptr < end && *parsed.ptr == '-') parsed = std::from_chars(parsed.ptr + 1, end, last);
    if (parsed.ec != std::errc() || last < first) return std::nullopt;
    count += uint64_t{last} - first + 1;
    at = parsed.ptr;
    if (at < end && *at == ',') ++at;
    else if (at < end && *at != '\n') return std::nullopt;
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

Reservation ReadReservation(const Hierarchies& in, std::string_view path) {
  Reservation reservation;
  ReadQuota(in.cpu, path, reservation);
  reservation.weight = ReadNumber(in.cpu, path, in.cpu.unified ? "cpu.weight" : "cpu.shares");
  reservation.cpus = ReadCpus(in.cpuset, path);
  ReadMemoryLimits(in.memory, path, reservation);
  return reservation;
}

}  // namespace wattledger::cgroup
