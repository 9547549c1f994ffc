#include "core/stop_signal.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace wattledger {

StopSignal::StopSignal() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void StopSignal::Request() {
  requested_.store(true, std::memory_order_release);
  eventfd_write(event_.get(), 1);
}

}  // namespace wattledger
