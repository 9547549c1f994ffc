// What following a tree of control groups costs: `pass ROOT VERSION GROUPS` over a tree that is there, in which it makes its
// groups, or `churn ROOT GROUPS`, which makes and removes so many folders. Prints what it found, for readers-cgroup.ts.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "bench/readers.h"
#include "cgroup/group_tree.h"

using namespace wattledger;
using namespace wattledger::cgroup;

namespace {

constexpr int kPasses = 100;
constexpr int kPerSlice = 20;
constexpr int kAtOnce = 100;

long ResidentKb() {
  std::ifstream status("/proc/self/statm");
  long size = 0, resident = 0;
  status >> size >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

// A tree of two levels. On a filesystem that is not the kernel's the files are ours.
std::vector<std::string> Make(const std::string& root, bool unified, int groups) {
  std::vector<std::string> made;
  while (static_cast<int>(made.size()) < groups) {
    const std::string slice = root + "/s" + std::to_string(made.size()) + ".slice";
    for (int i = 0; i < kPerSlice && static_cast<int>(made.size()) < groups; ++i) {
      made.push_back(i == 0 ? slice : slice + "/" + std::to_string(i) + ".service");
      mkdir(made.back().c_str(), 0755);
      const std::string file = made.back() + (unified ? "/cpu.stat" : "/cpuacct.usage");
      if (access(file.c_str(), F_OK) != 0) std::ofstream(file) << (unified ? "usage_usec 123456\n" : "123456\n");
    }
  }
  return made;
}

void Pass(const std::string& root, bool unified, int groups) {
  const auto made = Make(root, unified, groups);
  const Hierarchy tree{root, unified};
  GroupTree watched({tree, unified ? tree : Hierarchy{}, unified ? tree : Hierarchy{}, {}, ""}, {});
  if (const auto error = watched.Open()) return std::exit((std::fprintf(stderr, "%s\n", error->message.c_str()), 1));
  const StopSignal stop;
  std::vector<int64_t> passes, bare;
  // The first ones find the groups and their limits.
  for (int i = 0; i < kPasses; ++i) watched.Pass(stop);
  uint64_t truncated = 0;
  for (int i = 0; i < kPasses; ++i) {
    const int64_t before = MonotonicNs();
    watched.Pass(stop);
    passes.push_back(MonotonicNs() - before);
    truncated = watched.TakeFrame().truncated;
  }
  std::vector<UniqueFd> files;
  const size_t most = std::min<size_t>(made.size(), 1000);
  for (size_t i = 0; i < most; ++i) {
    files.emplace_back(open((made[i] + "/" + UsageFile(tree)).c_str(), O_RDONLY | O_CLOEXEC));
  }
  char text[128];
  for (int i = 0; i < kPasses; ++i) {
    const int64_t before = MonotonicNs();
    for (const auto& file : files) (void)!pread(file.get(), text, sizeof text, 0);
    bare.push_back(MonotonicNs() - before);
  }
  std::printf("%lld %lld %zu %llu\n", static_cast<long long>(Median(passes)), static_cast<long long>(Median(bare)),
              watched.size(), static_cast<unsigned long long>(truncated));
  for (auto path = made.rbegin(); path != made.rend(); ++path) rmdir(path->c_str());
}

void Churn(const std::string& root, long groups) {
  GroupTree watched({{root, true}, {}, {}, {}, ""}, {});
  if (watched.Open()) std::exit(1);
  const StopSignal stop;
  long births = 0, warm_kb = 0;
  int64_t busy = 0;
  for (long made = 0; made < groups; made += kAtOnce) {
    const auto name = [&](int i) { return root + "/run-" + std::to_string(made + i) + ".scope"; };
    for (int i = 0; i < kAtOnce; ++i) mkdir(name(i).c_str(), 0755);
    int64_t before = MonotonicNs();
    watched.HandleEvents(64);
    busy += MonotonicNs() - before;
    for (int i = 0; i < kAtOnce; ++i) rmdir(name(i).c_str());
    before = MonotonicNs();
    watched.Pass(stop);
    births += static_cast<long>(watched.TakeFrame().births.size());
    busy += MonotonicNs() - before;
    if (made == groups / 10) warm_kb = ResidentKb();
  }
  std::printf("%ld %ld %ld %lld\n", births, warm_kb, ResidentKb(), static_cast<long long>(busy / groups));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "pass" && argc == 5) Pass(argv[2], std::string(argv[3]) == "2", std::atoi(argv[4]));
  else if (mode == "churn" && argc == 4) Churn(argv[2], std::atol(argv[3]));
  else return 2;
  return 0;
}
