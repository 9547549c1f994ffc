// What one pass of a reader costs beside the bare system calls that it cannot do without, over the same files
// in the same run. Arguments: files that hold a number. Prints lines of "NAME READER_NS BARE_NS", none for
// what this kernel refuses.
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include <cstdio>
#include <cstring>

#include "bench/readers.h"
#include "files/files_reader.h"
#include "rapl/group_read.h"
#include "rapl/perf_reader.h"

namespace wattledger {
namespace {

constexpr size_t kEvents = 5;

void CompareFiles(const std::vector<std::string>& paths) {
  FilesReader reader(paths);
  std::vector<UniqueFd> fds;
  for (const auto& path : paths) fds.emplace_back(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Compare("files", reader, [&] {
    char text[32];
    for (const auto& fd : fds) {
      if (pread(fd.get(), text, sizeof text, 0) < 0) std::perror("pread");
    }
  });
}

UniqueFd OpenClock(int leader) {
  perf_event_attr attr;
  std::memset(&attr, 0, sizeof attr);
  attr.size = sizeof attr;
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_CPU_CLOCK;
  attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID;
  return UniqueFd(static_cast<int>(syscall(SYS_perf_event_open, &attr, -1, 0, leader, PERF_FLAG_FD_CLOEXEC)));
}

// The group of a package: five events on one CPU, here of the software PMU.
void ComparePerf() {
  PerfReader reader(PERF_TYPE_SOFTWARE, std::vector<PerfEvent>(kEvents, {0, PERF_COUNT_SW_CPU_CLOCK}));
  std::vector<UniqueFd> fds;
  for (size_t i = 0; i < kEvents; ++i) fds.push_back(OpenClock(fds.empty() ? -1 : fds[0].get()));
  Compare("perf", reader, [&] {
    uint64_t words[GroupReadWords(kEvents)];
    if (read(fds[0].get(), words, sizeof words) < 0) std::perror("read");
  });
}

}  // namespace
}  // namespace wattledger

int main(int argc, char** argv) {
  wattledger::CompareFiles(std::vector<std::string>(argv + 1, argv + argc));
  wattledger::ComparePerf();
  return 0;
}
