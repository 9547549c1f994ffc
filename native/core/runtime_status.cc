#include "core/runtime_status.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace wattledger {

bool RuntimeStatus::IsSuspended() {
  if (path_.empty()) return false;
  if (!fd_.valid()) fd_ = UniqueFd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  std::array<char, 16> text;
  const ssize_t length = fd_.valid() ? pread(fd_.get(), text.data(), text.size(), 0) : -1;
  if (length < 0) fd_.Reset();
  // "suspending" and "resuming" are awake.
  return length > 0 && std::string_view(text.data(), static_cast<size_t>(length)).starts_with("suspended");
}

}  // namespace wattledger
