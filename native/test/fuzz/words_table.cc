#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "files/words_reader.h"

// Any table that firmware could leave. A number comes out only of a table of the layout that was chosen when it was opened, and
// is what stands there.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wattledger;
  static const int table = memfd_create("gpu_metrics", MFD_CLOEXEC);
  const std::vector<TableLayout> layouts = {{1, 3, {{22, 2}, {24, 8}}}, {1, 0, {{34, 2}, {36, 4}}}, {3, 0, {{112, 4}}}};
  // Two tables: what it is opened with, and what it is read as.
  const size_t first = size > 0 ? data[0] % size : 0;
  const auto write = [&](size_t from, size_t to) {
    if (ftruncate(table, 0) != 0 || pwrite(table, data + from, to - from, 0) != static_cast<ssize_t>(to - from)) abort();
  };
  StopSignal stop;
  write(0, first);
  WordsReader reader("/proc/self/fd/" + std::to_string(table), layouts);
  const auto opened = reader.Open(stop);
  if (!opened.ok() || opened.value().empty()) abort();
  write(first, size);
  std::vector<Reading> readings(opened.value().size());
  reader.Read(readings, stop);
  for (size_t i = 0; i < readings.size(); ++i) {
    if (readings[i].code != Code::kOk) continue;
    const bool is_known = first >= 4 && opened.value()[i].attributes.contains("word");
    if (!is_known || size - first < 4 || data[2] != data[first + 2] || data[3] != data[first + 3]) abort();
    const auto& word = data[2] == 3 ? layouts[2].words[i] : layouts[data[3] == 3 ? 0 : 1].words[i];
    uint64_t value = 0;
    for (uint32_t at = 0; at < word.width; ++at)
      value |= uint64_t{data[first + word.offset + at]} << (8 * at);
    if (value != readings[i].value) abort();
  }
  return 0;
}
