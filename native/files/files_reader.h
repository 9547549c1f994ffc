#pragma once

#include <string>
#include <vector>

#include "core/reader.h"
#include "core/unique_fd.h"

namespace wattledger {

// Reads one unsigned decimal number from each of a list of sysfs files (powercap, hwmon, ...). Descriptors are kept and
// read at offset 0, which makes sysfs produce the value anew (fs/kernfs/file.c). A file that is gone or refused is tried
// again at each sweep: a zone that was registered anew has a new inode, and the kept descriptor says ENODEV for ever.
// Error details are errno values; a text that is no number is kCorrupt.
class FilesReader : public Reader {
 public:
  explicit FilesReader(std::vector<std::string> paths);

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  void Close() noexcept override;

 private:
  struct File {
    std::string path;
    UniqueFd fd;
  };

  static void ReadFile(File& file, Reading& reading);

  std::vector<File> files_;
};

}  // namespace wattledger
