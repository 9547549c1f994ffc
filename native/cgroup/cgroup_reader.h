#pragma once

#include <memory>
#include <utility>

#include "cgroup/group_tree.h"
#include "core/reader.h"

namespace wattledger::cgroup {

// Reads a tree of groups, whose number changes from pass to pass: its one channel counts the passes, and what each saw
// goes into a box. Between passes it takes in births, deaths and last readings as they happen.
class CgroupReader : public Reader {
 public:
  CgroupReader(Hierarchies hierarchies, TreeLimits limits, std::shared_ptr<FrameBox> box)
      : tree_(std::move(hierarchies), limits), box_(std::move(box)) {}

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  int attention_fd() const override { return tree_.events_fd(); }
  void Attend(const StopSignal& stop) override;
  void Close() noexcept override { tree_.Close(); }

 private:
  GroupTree tree_;
  const std::shared_ptr<FrameBox> box_;
};

}  // namespace wattledger::cgroup
