#include "ipmi/wait.h"

#include <poll.h>

#include <array>
#include <cerrno>

#include "core/clock.h"
#include "ipmi/failure.h"

namespace wattledger::ipmi {

std::optional<Error> Await(int fd, short events, int64_t deadline_ns, const StopSignal& stop) {
  for (;;) {
    if (stop.requested()) return Error{Code::kClosed, -ECANCELED, "stopped"};
    const int64_t left_ns = deadline_ns - MonotonicNs();
    if (left_ns <= 0) return Error{Code::kTimeout, -ETIMEDOUT, "the BMC did not answer in time"};
    const timespec left{left_ns / 1'000'000'000, left_ns % 1'000'000'000};
    std::array<pollfd, 2> fds{{{fd, events, 0}, {stop.fd(), POLLIN, 0}}};
    const int ready = ppoll(fds.data(), fds.size(), &left, nullptr);
    if (ready < 0 && errno != EINTR) return SystemError(errno, "poll");
    if (ready > 0 && fds[0].revents != 0 && fds[1].revents == 0) return std::nullopt;
  }
}

}  // namespace wattledger::ipmi
