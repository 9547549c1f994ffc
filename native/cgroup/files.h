#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wattledger::cgroup {

// What no file tells, and what a file says is without a limit. Both cross the boundary to src/native/cgroup-frames.ts.
constexpr uint64_t kUnknown = UINT64_MAX;
constexpr uint64_t kUnlimited = UINT64_MAX - 1;

// A tree of groups: the one of cgroup v2, or that of one controller of v1. The names of the files differ.
struct Hierarchy {
  std::string root;  // empty: not mounted
  bool unified = false;
};

struct Hierarchies {
  Hierarchy usage;  // the tree that is walked
  Hierarchy memory;
  Hierarchy cpu;
  Hierarchy cpuset;
  std::string stat;  // /proc/stat: the root's usage where the root has no file of its own (v2 before Linux 5.8)
};

// What a group may have or is promised. Each is kUnknown where its file is not there.
struct Reservation {
  uint64_t quota_us = kUnknown;  // of CPU time in each period
  uint64_t period_us = kUnknown;
  uint64_t weight = kUnknown;  // v2: 1 to 10000, 100 by default; v1: shares, 1024 by default
  uint64_t cpus = kUnknown;
  uint64_t memory_max = kUnknown;
  uint64_t memory_low = kUnknown;
  uint64_t memory_min = kUnknown;
};

// Bytes of a file of the group `path` (relative to the root, with a slash in front, empty for the root itself).
std::optional<std::string> ReadText(const Hierarchy& hierarchy, std::string_view path, const char* file);

const char* UsageFile(const Hierarchy& usage);
const char* MemoryFile(const Hierarchy& memory);

// Nanoseconds of CPU time from the text of UsageFile().
std::optional<uint64_t> ParseUsageNs(const Hierarchy& usage, std::string_view text);
// Nanoseconds in which some CPU was busy, from the first line of /proc/stat.
std::optional<uint64_t> ParseStatNs(std::string_view text);
// How many CPUs a list such as `0-3,8` names.
std::optional<uint64_t> ParseCpuCount(std::string_view text);

Reservation ReadReservation(const Hierarchies& hierarchies, std::string_view path);

}  // namespace wattledger::cgroup
