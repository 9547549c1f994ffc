#include "cgroup/watches.h"

#include <sys/inotify.h>

#include <array>

namespace wattledger::cgroup {

bool Watches::Open() {
  fd_ = UniqueFd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  return fd_.valid();
}

int Watches::AddFolder(const std::string& path) {
  // v1 lets a group be renamed.
  constexpr uint32_t kMask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
  return fd_.valid() ? inotify_add_watch(fd_.get(), path.c_str(), kMask) : -1;
}

int Watches::AddEventsFile(const std::string& path) {
  return fd_.valid() ? inotify_add_watch(fd_.get(), path.c_str(), IN_MODIFY) : -1;
}

void Watches::Remove(int watch) {
  if (watch >= 0 && fd_.valid()) inotify_rm_watch(fd_.get(), watch);
}

void Watches::Drain(int most_reads, const std::function<void(const Event&)>& handle) {
  alignas(inotify_event) std::array<char, 16384> buffer;
  for (int reads = 0; fd_.valid() && reads < most_reads; ++reads) {
    const ssize_t length = read(fd_.get(), buffer.data(), buffer.size());
    if (length <= 0) return;
    for (ssize_t at = 0; at < length;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      // The kernel pads names with zeros.
      const std::string_view name = event->len > 0 ? std::string_view(event->name) : std::string_view();
      handle({event->wd, event->mask, name});
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

}  // namespace wattledger::cgroup
