#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "cgroup/files.h"
#include "core/unique_fd.h"

namespace wattledger::cgroup {

// A file of a group that is read at each pass: through a descriptor of its own while the common budget of descriptors
// lasts, else opened anew each time.
class KeptFile {
 public:
  explicit KeptFile(size_t& budget) : budget_(budget) {}
  ~KeptFile() { Reset(); }
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;

  // How many bytes were read, or -errno: -ENODEV once the group is removed.
  ssize_t Read(const Hierarchy& hierarchy, std::string_view path, const char* file, std::span<char> bytes);
  void Reset();

 private:
  size_t& budget_;
  UniqueFd fd_;
};

}  // namespace wattledger::cgroup
