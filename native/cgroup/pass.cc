// How a GroupTree reads its groups.
#include <fcntl.h>

#include <array>
#include <cerrno>

#include "cgroup/group_tree.h"
#include "core/clock.h"
#include "core/parse.h"

namespace wattledger::cgroup {
namespace {

constexpr int kMostEventReads = 64;
// A reservation changes by an administrator's hand, and takes eight files to read.
constexpr uint64_t kPassesBetweenLimits = 60;
constexpr size_t kMostLimitsPerPass = 100;
// `usage_usec` is the first line.
constexpr size_t kUsageBytes = 128;
constexpr size_t kStatBytes = 512;

}  // namespace

void GroupTree::Pass(const StopSignal& stop) {
  frame_.before_ns = MonotonicNs();
  ++frame_.pass;
  HandleEvents(kMostEventReads);
  emptied_.clear();
  ScanDue(stop);
  limits_left_ = kMostLimitsPerPass;
  frame_.rows.clear();
  frame_.rows.reserve(by_id_.size());
  std::string path;
  ReadAll(*root_, path, stop);
  frame_.after_ns = MonotonicNs();
}

bool GroupTree::ReadAll(Group& group, std::string& path, const StopSignal& stop) {
  const size_t length = path.size();
  for (auto at = group.children.begin(); at != group.children.end();) {
    if (stop.requested()) return true;
    Group& child = *(at++)->second;
    path.append("/").append(child.name);
    const size_t rows = frame_.rows.size();
    const bool is_there = ReadAll(child, path, stop) || IsThere(child);
    path.resize(length);
    // Whoever is removed during a pass dies in it: all that it used is in its parent's count, which is read next.
    if (is_there) continue;
    frame_.rows.resize(rows);
    Bury(child);
  }
  // Nobody tells of births here.
  if (group.folder_watch < 0) Enqueue(group);
  ReadLimits(group, path);
  ReadMemory(group, path);
  const bool is_own = group.parent != nullptr || root_tells_usage_;
  if (!is_own) ReadStat();
  const bool is_read = !is_own || ReadUsage(group, path);
  frame_.rows.push_back(group.row);
  return is_read;
}

// The first process came, or the last is gone.
void GroupTree::OnPopulated(Group& group) {
  const std::string path = PathOf(group);
  const auto events = ReadText(hierarchies_.usage, path, "cgroup.events");
  if (!events) return;
  group.empty_since_ns = events->find("populated 0") != std::string::npos ? MonotonicNs() : 0;
  // It may be gone in a moment.
  ReadUsage(group, path);
  if (group.empty_since_ns != 0) emptied_.push_back(group.id);
}

void GroupTree::ReadEmptied() {
  for (const uint64_t id : std::exchange(emptied_, {})) {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) ReadUsage(*found->second, PathOf(*found->second));
  }
}

// What cannot be read keeps its last count: the next that can be read contains it.
bool GroupTree::ReadUsage(Group& group, std::string_view path) {
  std::array<char, kUsageBytes> text;
  const Hierarchy& usage = hierarchies_.usage;
  const ssize_t length = group.usage_file.Read(usage, path, UsageFile(usage), text);
  // A group loses its files before its folder: what could be read and is not there any more is being removed.
  group.is_removed = length == -ENODEV || (length == -ENOENT && group.row.usage_ns != kUnknown);
  if (length >= 0) {
    const auto ns = ParseUsageNs(usage, {text.data(), static_cast<size_t>(length)});
    if (!ns) return true;
    group.row.usage_ns = *ns;
    group.read_ns = MonotonicNs();
  } else if (length == -ENODEV && group.parent != nullptr) {
    Enqueue(*group.parent);
  }
  return length >= 0;
}

void GroupTree::ReadMemory(Group& group, std::string_view path) {
  if (group.memory_absent) return;
  std::array<char, 32> text;
  const Hierarchy& memory = hierarchies_.memory;
  const ssize_t length = group.memory_file.Read(memory, path, MemoryFile(memory), text);
  group.row.memory_bytes = kUnknown;
  group.memory_absent = length == -ENOENT;
  if (length < 0) return;
  const auto bytes = ParseUnsigned({text.data(), static_cast<size_t>(length)});
  group.row.memory_bytes = bytes.value_or(kUnknown);
}

void GroupTree::ReadLimits(Group& group, std::string_view path) {
  if (group.limits_due > frame_.pass || limits_left_ == 0) return;
  --limits_left_;
  group.limits_due = frame_.pass + kPassesBetweenLimits;
  group.row.reservation = ReadReservation(hierarchies_, path);
  group.memory_absent = false;
}

void GroupTree::ReadStat() {
  std::array<char, kStatBytes> text;
  const UniqueFd fd(open(hierarchies_.stat.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t length = fd.valid() ? pread(fd.get(), text.data(), text.size(), 0) : -1;
  if (length < 0) return;
  if (const auto ns = ParseStatNs({text.data(), static_cast<size_t>(length)})) root_->row.usage_ns = *ns;
}

}  // namespace wattledger::cgroup
