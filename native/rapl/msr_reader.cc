#include "rapl/msr_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "core/clock.h"

namespace wattledger {
namespace {

UniqueFd OpenDevice(const std::string& path) { return UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

// Nothing on failure, with errno set.
std::optional<uint64_t> ReadRegister(const UniqueFd& fd, uint32_t register_number) {
  uint64_t value = 0;
  const ssize_t length = pread(fd.get(), &value, sizeof value, static_cast<off_t>(register_number));
  if (length == sizeof value) return value;
  if (length >= 0) errno = EIO;
  return std::nullopt;
}

}  // namespace

MsrReader::MsrReader(std::vector<MsrRegister> registers) : registers_(std::move(registers)) {}

Result<std::vector<ChannelInfo>> MsrReader::Open(const StopSignal&) {
  std::vector<ChannelInfo> channels;
  int error_number = 0;
  bool is_any_open = false;
  for (size_t i = 0; i < registers_.size(); ++i) {
    const MsrRegister& place = registers_[i];
    ChannelInfo info{place.path + "@" + std::to_string(place.register_number),
                     {{"index", std::to_string(i)}}};
    UniqueFd fd = OpenDevice(place.path);
    if (fd.valid()) {
      is_any_open = true;
      const auto value = ReadRegister(fd, place.register_number);
      if (!value || static_cast<uint32_t>(*value) == 0) continue;
      const auto unit = ReadRegister(fd, place.unit_register);
      if (unit) info.attributes["unit"] = std::to_string(*unit);
    } else if (error_number == 0) {
      error_number = errno;
    }
    channels_.push_back({place, std::move(fd)});
    channels.push_back(std::move(info));
  }
  if (is_any_open && !channels.empty()) return channels;
  if (is_any_open || error_number == 0) return Error{Code::kAbsent, 0, "no energy register counts"};
  return Error{CodeOfErrno(error_number), error_number,
               registers_.front().path + ": " + std::strerror(error_number)};
}

// Returns 0, or the errno for which there is no value.
int MsrReader::ReadChannel(Channel& channel, Reading& reading) {
  reading.before_ns = reading.after_ns = MonotonicNs();
  if (!channel.fd.valid()) channel.fd = OpenDevice(channel.place.path);
  if (!channel.fd.valid()) return errno;
  reading.before_ns = MonotonicNs();
  const auto value = ReadRegister(channel.fd, channel.place.register_number);
  const int error_number = errno;
  reading.after_ns = MonotonicNs();
  if (!value) return error_number;
  reading.value = *value;
  return 0;
}

void MsrReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  for (size_t i = 0; i < channels_.size() && !stop.requested(); ++i) {
    const int error_number = ReadChannel(channels_[i], readings[i]);
    readings[i].detail = error_number;
    readings[i].code = error_number == 0 ? Code::kOk : CodeOfErrno(error_number);
    // A CPU that went offline comes back with another device.
    if (error_number != 0) channels_[i].fd.Reset();
  }
}

void MsrReader::Close() noexcept {
  for (auto& channel : channels_) channel.fd.Reset();
}

}  // namespace wattledger
