#pragma once

#include <string>
#include <vector>

#include "core/reader.h"

namespace wattledger {

// Reads each of a list of sysfs attributes once, when it is opened: a channel per path with the attribute `text`, or `errno`.
// It has nothing to read later. A FIFO is not waited for (ESPIPE).
class TextsReader : public Reader {
 public:
  explicit TextsReader(std::vector<std::string> paths) : paths_(std::move(paths)) {}

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading>, const StopSignal&) override {}
  void Close() noexcept override {}

 private:
  const std::vector<std::string> paths_;
};

}  // namespace wattledger
