#include "files/texts_reader.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "core/unique_fd.h"

namespace wattledger {
namespace {

// The kernel makes an attribute in one page (sysfs_emit()); what is longer than a small page is no name or limit.
constexpr size_t kMostBytes = 4096;

std::map<std::string, std::string> ReadText(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  std::array<char, kMostBytes> text;
  const ssize_t length = fd.valid() ? pread(fd.get(), text.data(), text.size(), 0) : -1;
  if (length < 0) return {{"errno", std::to_string(errno)}};
  return {{"text", std::string(text.data(), static_cast<size_t>(length))}};
}

}  // namespace

Result<std::vector<ChannelInfo>> TextsReader::Open(const StopSignal& stop) {
  std::vector<ChannelInfo> channels;
  for (const auto& path : paths_) {
    if (stop.requested()) break;
    channels.push_back({path, ReadText(path)});
  }
  return channels;
}

}  // namespace wattledger
