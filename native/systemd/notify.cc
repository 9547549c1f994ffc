#include "systemd/notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>

#include "core/unique_fd.h"

namespace wattledger {
namespace {

// The caller is the event loop: a stuck manager may cost it this much and no more.
constexpr timeval kPatience{1, 0};

Error Fail(int error_number, std::string_view address) {
  return {CodeOfErrno(error_number), error_number,
          "NOTIFY_SOCKET " + std::string(address) + ": " + std::strerror(error_number)};
}

}  // namespace

std::optional<Error> Notify(std::string_view address, std::string_view state) {
  sockaddr_un target{};
  target.sun_family = AF_UNIX;
  if (address.size() < 2 || (address.front() != '/' && address.front() != '@')) {
    return Fail(EAFNOSUPPORT, address);
  }
  if (address.size() >= sizeof(target.sun_path)) return Fail(ENAMETOOLONG, address);
  std::memcpy(target.sun_path, address.data(), address.size());
  if (address.front() == '@') target.sun_path[0] = '\0';
  // An abstract name ends where the length says, and every byte more would be part of it (unix(7)).
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());

  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return Fail(errno, address);
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  ssize_t sent = -1;
  do {
    sent = sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&target), length);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return Fail(errno, address);
  return std::nullopt;
}

}  // namespace wattledger
