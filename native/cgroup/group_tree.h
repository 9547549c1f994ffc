#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cgroup/frame.h"
#include "cgroup/kept_file.h"
#include "cgroup/watches.h"
#include "core/result.h"
#include "core/stop_signal.h"

namespace wattledger::cgroup {

struct TreeLimits {
  size_t groups = 10'000;       // followed; the use of those beyond is their parents' own
  size_t descriptors = 2'000;  // kept open, two for each group
};

struct Group {
  explicit Group(size_t& descriptors) : usage_file(descriptors), memory_file(descriptors) {}

  uint64_t id = 0;
  uint64_t inode = 0;
  Group* parent = nullptr;
  std::string name;
  std::map<std::string, std::unique_ptr<Group>, std::less<>> children;
  // Every child that was there at the last look is known, so that one found later is new.
  bool complete = false;
  bool queued = false;
  uint64_t seen_by = 0;  // the last scan that found it
  uint64_t unfollowed = 0;
  int folder_watch = -1;
  int events_watch = -1;

  KeptFile usage_file;
  KeptFile memory_file;
  bool memory_absent = false;
  bool is_removed = false;  // its folder may be there a moment longer
  int64_t empty_since_ns = 0;  // 0 while it has processes, as far as is known
  int64_t read_ns = 0;  // when its usage was read, or it was found
  uint64_t limits_due = 0;  // the pass at which the reservation is read again
  Row row;
};

// The groups below a root. inotify tells who is born and who dies, and (v2) who has lost its last process, whose usage is
// then read for the last time; looking through the folders in turn finds what inotify missed. The upper levels are found
// first, so that those beyond the limit are the innermost. All on one thread.
class GroupTree {
 public:
  GroupTree(Hierarchies hierarchies, TreeLimits limits);

  // Fails when the root cannot be read.
  std::optional<Error> Open();
  void Close();
  int events_fd() const { return watches_.fd(); }

  // Takes in at most so many buffers of events.
  void HandleEvents(int most_reads);
  // Reads once more those who have just lost their last process.
  void ReadEmptied();
  // One pass: events, folders that are due, then every group's counts, children before their parents, so that a parent's
  // count contains all that was read of its children.
  void Pass(const StopSignal& stop);
  // What was seen since the last call.
  Frame TakeFrame();

  size_t size() const { return by_id_.size(); }

 private:
  void OnEvent(const Watches::Event& event);
  void Appeared(Group& parent, std::string_view name, bool made);
  void CameAndWent(const Group& parent, std::string_view name);
  void Vanished(Group& parent, std::string_view name);
  // Nothing when there are too many.
  Group* Adopt(Group& parent, std::string_view name, uint64_t inode, bool fresh);
  void Bury(Group& group);
  void Forget(Group& group);
  void Watch(Group& group);
  void Enqueue(Group& group);
  void ScanNewborn();
  void ScanDue(const StopSignal& stop);
  void Scan(Group& group);
  void SetUnfollowed(Group& group, uint64_t count);
  std::string PathOf(const Group& group) const;
  bool IsThere(const Group& group) const;

  // False when the group's own usage could not be read; so for the next.
  bool ReadAll(Group& group, std::string& path, const StopSignal& stop);
  void OnPopulated(Group& group);
  bool ReadUsage(Group& group, std::string_view path);
  void ReadMemory(Group& group, std::string_view path);
  void ReadLimits(Group& group, std::string_view path);
  void ReadStat();

  const Hierarchies hierarchies_;
  const TreeLimits limits_;
  size_t descriptors_left_;
  bool root_tells_usage_ = false;
  Watches watches_;
  std::unique_ptr<Group> root_;
  std::map<uint64_t, Group*> by_id_;
  std::unordered_map<int, Group*> by_watch_;
  std::deque<uint64_t> queue_;  // folders to be looked through
  std::deque<uint64_t> newborn_;  // and these at once
  std::vector<uint64_t> emptied_;
  uint64_t last_id_ = 0;
  int64_t heard_ns_ = 0;  // when events were last taken in
  uint64_t scans_ = 0;
  uint64_t turn_ = 0;  // id of the last folder that was looked through in turn
  size_t limits_left_ = 0;
  Frame frame_;
};

}  // namespace wattledger::cgroup
