#include "files/files_reader.h"

#include <fcntl.h>

#include <array>
#include <cerrno>

#include "core/clock.h"
#include "core/parse.h"

namespace wattledger {

FilesReader::FilesReader(std::vector<std::string> paths) {
  for (auto& path : paths) files_.push_back({std::move(path), UniqueFd()});
}

Result<std::vector<ChannelInfo>> FilesReader::Open(const StopSignal&) {
  std::vector<ChannelInfo> channels;
  for (const auto& file : files_) channels.push_back({file.path, {}});
  return channels;
}

void FilesReader::ReadFile(File& file, Reading& reading) {
  reading.before_ns = reading.after_ns = MonotonicNs();
  if (!file.fd.valid()) file.fd = UniqueFd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.fd.valid()) return reading.Fail(errno);

  std::array<char, 32> text;
  reading.before_ns = MonotonicNs();
  const ssize_t length = pread(file.fd.get(), text.data(), text.size(), 0);
  const int error_number = errno;
  reading.after_ns = MonotonicNs();
  if (length < 0) {
    if (error_number == ENODEV) file.fd.Reset();
    return reading.Fail(error_number);
  }
  const auto value = ParseUnsigned({text.data(), static_cast<size_t>(length)});
  if (!value) return reading.Fail(0);
  reading.value = *value;
  reading.code = Code::kOk;
}

void FilesReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  for (size_t i = 0; i < files_.size() && !stop.requested(); ++i) ReadFile(files_[i], readings[i]);
}

void FilesReader::Close() noexcept {
  for (auto& file : files_) file.fd.Reset();
}

}  // namespace wattledger
