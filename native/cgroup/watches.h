#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/unique_fd.h"

namespace wattledger::cgroup {

// inotify(7) over the folders of a tree and the files in them that say whether a group still has processes.
class Watches {
 public:
  struct Event {
    int watch = -1;
    uint32_t mask = 0;
    std::string_view name;
  };

  bool Open();
  void Close() { fd_.Reset(); }
  // Readable when events wait; -1 where there is no inotify.
  int fd() const { return fd_.get(); }

  // Of groups made and removed in a folder. -1 when there is none: gone, or no watch left for this user.
  int AddFolder(const std::string& path);
  // Of changes to a file `cgroup.events`. It must be removed by hand: the file outlives its group in the kernel's cache.
  int AddEventsFile(const std::string& path);
  void Remove(int watch);

  // Hands over what waits, at most `most_reads` buffers full.
  void Drain(int most_reads, const std::function<void(const Event&)>& handle);

 private:
  UniqueFd fd_;
};

}  // namespace wattledger::cgroup
