#include "cgroup/group_tree.h"

#include <dirent.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "core/clock.h"

namespace wattledger::cgroup {
namespace {

// Folders looked through at one pass: those due, and those whose turn it is.
constexpr size_t kMostScans = 2'000;
constexpr int kTurns = 16;
// A process that ends leaves its group before it leaves its processor, and what it used since the last tick is counted then.
constexpr int64_t kLastMomentNs = 1'000'000;

std::optional<uint64_t> InodeOf(const std::string& path) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
  return status.st_ino;
}

// Time in which a group that is dead now may have used what nobody read.
int64_t UnreadNs(const Group& group) {
  const bool was_empty = group.empty_since_ns != 0 && group.read_ns - group.empty_since_ns >= kLastMomentNs;
  return was_empty ? 0 : MonotonicNs() - group.read_ns;
}

}  // namespace

GroupTree::GroupTree(Hierarchies hierarchies, TreeLimits limits)
    : hierarchies_(std::move(hierarchies)), limits_(limits), descriptors_left_(limits.descriptors) {}

std::optional<Error> GroupTree::Open() {
  const auto inode = InodeOf(hierarchies_.usage.root);
  if (!inode) {
    const int error_number = errno;
    return Error{CodeOfErrno(error_number), error_number, hierarchies_.usage.root + ": " + std::strerror(error_number)};
  }
  heard_ns_ = MonotonicNs();
  // Without inotify every folder is looked through at each pass.
  watches_.Open();
  root_tells_usage_ = ReadText(hierarchies_.usage, "", UsageFile(hierarchies_.usage)).has_value();
  root_ = std::make_unique<Group>(descriptors_left_);
  root_->id = root_->row.id = ++last_id_;
  root_->inode = *inode;
  by_id_.emplace(root_->id, root_.get());
  frame_.births.push_back({root_->id, 0, root_->inode, false, ""});
  Watch(*root_);
  Enqueue(*root_);
  return std::nullopt;
}

void GroupTree::Close() {
  watches_.Close();
  by_watch_.clear();
  by_id_.clear();
  queue_.clear();
  newborn_.clear();
  emptied_.clear();
  root_.reset();
}

void GroupTree::HandleEvents(int most_reads) {
  const int64_t now_ns = MonotonicNs();
  watches_.Drain(most_reads, [this](const Watches::Event& event) { OnEvent(event); });
  heard_ns_ = now_ns;
  ScanNewborn();
}

void GroupTree::OnEvent(const Watches::Event& event) {
  if (event.mask & IN_Q_OVERFLOW) {
    for (const auto& [id, group] : by_id_) Enqueue(*group);
    return;
  }
  const auto found = by_watch_.find(event.watch);
  if (found == by_watch_.end()) return;
  Group& group = *found->second;
  if (event.mask & IN_IGNORED) {
    if (group.folder_watch == event.watch) group.folder_watch = -1;
    by_watch_.erase(found);
  } else if (event.mask & IN_MODIFY) {
    OnPopulated(group);
  } else if (!(event.mask & IN_ISDIR)) {
    return;
  } else if (event.mask & (IN_CREATE | IN_MOVED_TO)) {
    Appeared(group, event.name, event.mask & IN_CREATE);
  } else if (event.mask & (IN_DELETE | IN_MOVED_FROM)) {
    Vanished(group, event.name);
  }
}

// An event may be older than what is there now under its name: only the inode tells whether that is known.
void GroupTree::Appeared(Group& parent, std::string_view name, bool made) {
  const auto inode = InodeOf(hierarchies_.usage.root + PathOf(parent) + "/" + std::string(name));
  if (!inode) {
    if (made) CameAndWent(parent, name);
    return;
  }
  const auto known = parent.children.find(name);
  if (known != parent.children.end()) {
    if (known->second->inode == *inode) return;
    Bury(*known->second);
  }
  // v1 lets a group have another name, and it is as old as it was under the other.
  Adopt(parent, name, *inode, made);
}

// Nobody looked in its time, so that nothing is known of it but that.
void GroupTree::CameAndWent(const Group& parent, std::string_view name) {
  const uint64_t id = ++last_id_;
  frame_.births.push_back({id, parent.id, 0, true, std::string(name)});
  frame_.deaths.push_back({id, kUnknown, MonotonicNs() - heard_ns_});
}

void GroupTree::Vanished(Group& parent, std::string_view name) {
  const auto known = parent.children.find(name);
  if (known == parent.children.end()) {
    if (parent.unfollowed > 0) SetUnfollowed(parent, parent.unfollowed - 1);
    return;
  }
  if (!IsThere(*known->second)) Bury(*known->second);
}

Group* GroupTree::Adopt(Group& parent, std::string_view name, uint64_t inode, bool fresh) {
  if (by_id_.size() >= limits_.groups) {
    parent.complete = false;
    SetUnfollowed(parent, parent.unfollowed + 1);
    return nullptr;
  }
  auto made = std::make_unique<Group>(descriptors_left_);
  Group& group = *made;
  group.id = group.row.id = ++last_id_;
  group.inode = inode;
  group.parent = &parent;
  group.name = name;
  group.complete = fresh;
  group.read_ns = MonotonicNs();
  parent.children.emplace(group.name, std::move(made));
  by_id_.emplace(group.id, &group);
  frame_.births.push_back({group.id, parent.id, inode, fresh, group.name});
  Watch(group);
  // What was made in it before it was watched is found by looking, and that of a new one before it is gone.
  if (fresh) newborn_.push_back(group.id);
  else Enqueue(group);
  return &group;
}

// A group dies after its children, whatever order their ends were heard in.
void GroupTree::Bury(Group& group) {
  Forget(group);
  group.parent->children.erase(group.parent->children.find(group.name));
}

void GroupTree::Forget(Group& group) {
  for (const auto& [name, child] : group.children) Forget(*child);
  frame_.deaths.push_back({group.id, group.row.usage_ns, UnreadNs(group)});
  for (const int watch : {group.folder_watch, group.events_watch}) {
    watches_.Remove(watch);
    by_watch_.erase(watch);
  }
  SetUnfollowed(group, 0);
  by_id_.erase(group.id);
}

void GroupTree::Watch(Group& group) {
  if (group.folder_watch >= 0) return;
  const std::string path = hierarchies_.usage.root + PathOf(group);
  group.folder_watch = watches_.AddFolder(path);
  if (group.folder_watch >= 0) by_watch_[group.folder_watch] = &group;
  if (!hierarchies_.usage.unified || group.events_watch >= 0) return;
  group.events_watch = watches_.AddEventsFile(path + "/cgroup.events");
  if (group.events_watch >= 0) by_watch_[group.events_watch] = &group;
}

void GroupTree::Enqueue(Group& group) {
  if (std::exchange(group.queued, true)) return;
  queue_.push_back(group.id);
}

void GroupTree::ScanDue(const StopSignal& stop) {
  for (int turns = 0; turns < kTurns; ++turns) {
    auto next = by_id_.upper_bound(turn_);
    if (next == by_id_.end()) next = by_id_.begin();
    turn_ = next->first;
    Enqueue(*next->second);
  }
  for (size_t scans = 0; scans < kMostScans && !queue_.empty() && !stop.requested(); ++scans) {
    const auto found = by_id_.find(queue_.front());
    queue_.pop_front();
    if (found == by_id_.end()) continue;
    found->second->queued = false;
    Watch(*found->second);
    Scan(*found->second);
  }
  ScanNewborn();
}

void GroupTree::ScanNewborn() {
  while (!newborn_.empty()) {
    const auto found = by_id_.find(newborn_.front());
    newborn_.pop_front();
    if (found != by_id_.end()) Scan(*found->second);
  }
}

void GroupTree::Scan(Group& group) {
  const std::string path = hierarchies_.usage.root + PathOf(group);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (!folder) {
    // One that is gone is missed by its parent.
    if (errno != ENOENT && errno != ENODEV) SetUnfollowed(group, 1);
    return;
  }
  SetUnfollowed(group, 0);
  ++scans_;
  const bool fresh = group.complete;
  std::unordered_set<uint64_t> inodes;
  for (const auto& [name, child] : group.children) inodes.insert(child->inode);
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    auto known = group.children.find(name);
    if (known != group.children.end() && known->second->inode != entry->d_ino) {
      Bury(*known->second);
      known = group.children.end();
    }
    Group* const child =
        known != group.children.end() ? known->second.get()
                                      : Adopt(group, name, entry->d_ino, fresh && !inodes.contains(entry->d_ino));
    if (child != nullptr) child->seen_by = scans_;
  }
  for (auto at = group.children.begin(); at != group.children.end();) {
    Group& child = *(at++)->second;
    if (child.seen_by != scans_) Bury(child);
  }
  group.complete = group.unfollowed == 0;
}

void GroupTree::SetUnfollowed(Group& group, uint64_t count) {
  frame_.truncated += count - group.unfollowed;
  group.unfollowed = count;
}

std::string GroupTree::PathOf(const Group& group) const {
  if (group.parent == nullptr) return {};
  return PathOf(*group.parent) + "/" + group.name;
}

bool GroupTree::IsThere(const Group& group) const {
  return !group.is_removed && InodeOf(hierarchies_.usage.root + PathOf(group)) == group.inode;
}

Frame GroupTree::TakeFrame() {
  Frame taken = std::exchange(frame_, Frame{});
  frame_.pass = taken.pass;
  frame_.truncated = taken.truncated;
  return taken;
}

}  // namespace wattledger::cgroup
