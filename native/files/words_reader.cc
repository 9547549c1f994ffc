#include "files/words_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/clock.h"

namespace wattledger {
namespace {

// A table of sysfs fills a page at most.
constexpr size_t kMostTableBytes = 4096;

bool Fits(const Word& word, size_t size) {
  return word.width >= 1 && word.width <= 8 && size_t{word.offset} + word.width <= size;
}

uint64_t ValueOf(const Word& word, const std::vector<unsigned char>& bytes) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < word.width; ++i) value |= uint64_t{bytes[word.offset + i]} << (8 * i);
  return value;
}

}  // namespace

WordsReader::WordsReader(std::string path, std::vector<TableLayout> layouts, std::string runtime_status)
    : path_(std::move(path)), layouts_(std::move(layouts)), sleep_(std::move(runtime_status)) {
  for (const auto& layout : layouts_) {
    for (const auto& [offset, width] : layout.words)
      most_bytes_ = std::clamp(size_t{offset} + width, most_bytes_, kMostTableBytes);
  }
}

WordsReader::Table WordsReader::ReadTable() {
  if (sleep_.IsSuspended()) return {{}, EPERM};
  if (!fd_.valid()) fd_ = UniqueFd(open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd_.valid()) return {{}, errno};
  Table table{std::vector<unsigned char>(most_bytes_), 0};
  const ssize_t length = pread(fd_.get(), table.bytes.data(), table.bytes.size(), 0);
  if (length < 0) {
    table.error_number = errno;
    if (errno == ENODEV) fd_.Reset();  // a card that was bound anew has a new inode
  }
  table.bytes.resize(static_cast<size_t>(std::max<ssize_t>(length, 0)));
  return table;
}

Result<std::vector<ChannelInfo>> WordsReader::Open(const StopSignal&) {
  const Table table = ReadTable();
  if (!table.HasHead()) return std::vector<ChannelInfo>{{path_, {{"errno", std::to_string(table.error_number)}}}};
  head_ = table.Head();
  const std::map<std::string, std::string> head = {{"format", std::to_string(table.bytes[2])},
                                                   {"content", std::to_string(table.bytes[3])}};
  const auto known = std::ranges::find_if(
      layouts_, [&](const TableLayout& layout) { return (layout.format | layout.content << 8) == table.Head(); });
  if (known == layouts_.end()) return std::vector<ChannelInfo>{{path_, head}};
  layout_ = &*known;
  std::vector<ChannelInfo> channels;
  for (size_t i = 0; i < layout_->words.size(); ++i) {
    channels.push_back({path_, head});
    channels.back().attributes["word"] = std::to_string(i);
    if (Fits(layout_->words[i], table.bytes.size()))
      channels.back().attributes["value"] = std::to_string(ValueOf(layout_->words[i], table.bytes));
  }
  return channels;
}

void WordsReader::Read(std::span<Reading> readings, const StopSignal&) {
  const int64_t before_ns = MonotonicNs();
  const Table table = ReadTable();
  const int64_t after_ns = MonotonicNs();
  if (table.HasHead() && table.Head() != head_) is_other_ = true;
  const bool is_same = layout_ != nullptr && table.HasHead() && table.Head() == head_;
  for (size_t i = 0; i < readings.size(); ++i) {
    Reading& reading = readings[i];
    reading.before_ns = before_ns;
    reading.after_ns = after_ns;
    // Of a table that could not be read the errno, of another one or one that is cut off none.
    if (!is_same || !Fits(layout_->words[i], table.bytes.size())) {
      reading.Fail(table.error_number);
      continue;
    }
    reading.value = ValueOf(layout_->words[i], table.bytes);
    reading.code = Code::kOk;
  }
}

}  // namespace wattledger
