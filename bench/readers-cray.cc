// What one pass of the reader of a Cray's counters costs beside the bare calls, in the same run. Argument: a directory of
// pm_counters. Prints a line "NAME READER_NS BARE_NS".
#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "bench/readers.h"
#include "core/unique_fd.h"
#include "files/pm_counters_reader.h"

namespace wattledger {
namespace {

const std::vector<std::string> kEnergies = {"energy", "cpu_energy", "memory_energy", "accel0_energy", "accel1_energy"};

void CompareAll(const std::string& directory) {
  PmCountersReader reader(directory, kEnergies, INT64_MAX);
  // The set, with freshness before and behind it.
  std::vector<std::string> names = kEnergies;
  names.insert(names.end(), {"freshness", "freshness"});
  std::vector<UniqueFd> files;
  for (const auto& name : names) files.emplace_back(open((directory + "/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text;
  Compare("cray", reader, [&] {
    for (const auto& file : files) (void)!pread(file.get(), text.data(), text.size(), 0);
  });
}

}  // namespace
}  // namespace wattledger

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  wattledger::CompareAll(argv[1]);
  return 0;
}
