#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/reader.h"
#include "core/runtime_status.h"
#include "core/unique_fd.h"

namespace wattledger {

// An unsigned little-endian number of `width` bytes (1 to 8) at `offset`.
struct Word {
  uint32_t offset;
  uint32_t width;
};

// What a table holds whose bytes 2 and 3 are these.
struct TableLayout {
  uint32_t format;
  uint32_t content;
  std::vector<Word> words;
};

// Reads numbers from a binary table that begins with its length and two bytes that name its layout, such as gpu_metrics
// of amdgpu. All of them come from one pread(2), so that they are of one instant. Open() chooses the layout: a channel
// per word, with the attributes `format`, `content`, `word` (its place in the layout) and `value`. A table of no known
// layout is one channel with `format` and `content`, one that cannot be read now one with `errno`; both fail until the
// reader is opened anew, and Outdated() says when that helps. Error details are errno values; a table that is shorter
// than its layout, or of another, is kCorrupt. A device that sleeps is not asked: EPERM, as amdgpu itself answers since
// Linux 6.15.
class WordsReader : public Reader {
 public:
  // `runtime_status` is that of the device, or empty.
  WordsReader(std::string path, std::vector<TableLayout> layouts, std::string runtime_status = {});

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  bool Outdated() const override { return is_other_; }
  void Close() noexcept override { fd_.Reset(); }

 private:
  // The table's first bytes; empty with `error_number` set when it cannot be read.
  struct Table {
    std::vector<unsigned char> bytes;
    int error_number = 0;
    bool HasHead() const { return bytes.size() >= 4; }
    uint32_t Head() const { return bytes[2] | static_cast<uint32_t>(bytes[3]) << 8; }
  };

  Table ReadTable();

  const std::string path_;
  const std::vector<TableLayout> layouts_;
  size_t most_bytes_ = 4;
  UniqueFd fd_;
  RuntimeStatus sleep_;
  const TableLayout* layout_ = nullptr;  // null while it is not known
  int64_t head_ = -1;                    // that of Open(); -1 when it could not be read
  bool is_other_ = false;
};

}  // namespace wattledger
