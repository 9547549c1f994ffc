#include "cgroup/kept_file.h"

#include <fcntl.h>

#include <cerrno>
#include <string>

namespace wattledger::cgroup {

ssize_t KeptFile::Read(const Hierarchy& in, std::string_view path, const char* file, std::span<char> bytes) {
  UniqueFd opened;
  if (!fd_.valid()) {
    if (in.root.empty()) return -ENOENT;
    std::string full = in.root;
    full.append(path).append("/").append(file);
    opened = UniqueFd(open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!opened.valid()) return -errno;
  }
  const ssize_t length = pread(fd_.valid() ? fd_.get() : opened.get(), bytes.data(), bytes.size(), 0);
  if (length < 0) {
    const int error_number = errno;
    Reset();
    return -error_number;
  }
  if (!fd_.valid() && budget_ > 0) {
    --budget_;
    fd_ = std::move(opened);
  }
  return length;
}

void KeptFile::Reset() {
  if (fd_.valid()) ++budget_;
  fd_.Reset();
}

}  // namespace wattledger::cgroup
