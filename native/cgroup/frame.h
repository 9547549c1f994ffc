#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cgroup/files.h"

namespace wattledger::cgroup {

struct Birth {
  uint64_t id = 0;      // given by us, never used again
  uint64_t parent = 0;  // 0 for the root
  uint64_t inode = 0;  // 0 for one that was gone before it could be looked at
  // Made since its parent was last looked at, so that all it has used was used since then. Otherwise it is older.
  bool fresh = false;
  std::string name;  // bytes; empty for the root
};

struct Death {
  uint64_t id = 0;
  uint64_t usage_ns = kUnknown;  // the last that could be read
  int64_t unread_ns = 0;  // time from that to the death; 0 when the last process had ended before, so that it is all
};

struct Row {
  uint64_t id = 0;
  uint64_t usage_ns = kUnknown;
  uint64_t memory_bytes = kUnknown;
  Reservation reservation;
};

// What one pass over the tree saw, and who was born and died since the frame before.
struct Frame {
  uint64_t pass = 0;
  int64_t before_ns = 0;
  int64_t after_ns = 0;
  uint64_t truncated = 0;   // folders that were seen and not followed: too many, or unreadable
  std::vector<Row> rows;    // each group alive, children before their parents
  std::vector<Birth> births;  // parents before their children
  std::vector<Death> deaths;
};

// Hands frames from the reader's thread to another. Whoever comes late finds one frame that stands for all: counts of
// the last pass, and the births and deaths of all, except that above `most_births` those who came and went are left
// out, whose use is then their parent's own.
class FrameBox {
 public:
  explicit FrameBox(size_t most_births) : most_births_(most_births) {}

  void Put(Frame frame);
  // Nothing without a pass since the last call.
  std::optional<Frame> Take();

 private:
  void ForgetThoseWhoCameAndWent();

  const size_t most_births_;
  std::mutex mutex_;
  std::optional<Frame> frame_;
};

}  // namespace wattledger::cgroup
