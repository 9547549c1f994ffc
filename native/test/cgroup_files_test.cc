#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cgroup/files.h"

namespace wattledger::cgroup {
namespace {

namespace fs = std::filesystem;

TEST(CgroupFilesTest, ASetCountsWhereItWasGiven) {
  std::string pattern = fs::temp_directory_path() / "cgroup-files-XXXXXX";
  const fs::path root = mkdtemp(pattern.data());
  const auto cpus_of = [&](bool unified, const char* own, const char* file) {
    std::ofstream(root / "cpuset.cpus") << own;
    std::ofstream(root / file) << "0-3,8\n";
    Hierarchies in;
    in.cpuset = {root.string(), unified};
    return ReadReservation(in, "").cpus;
  };
  EXPECT_EQ(cpus_of(true, "0-9\n", "cpuset.cpus.effective"), 5u);
  // v2 leaves empty what a group has from those around it.
  EXPECT_EQ(cpus_of(true, "\n", "cpuset.cpus.effective"), kUnknown);
  EXPECT_EQ(cpus_of(true, "none\n", "cpuset.cpus.effective"), kUnknown);
  EXPECT_EQ(cpus_of(false, "0-9\n", "cpuset.effective_cpus"), 5u);
  fs::remove_all(root);
}

}  // namespace
}  // namespace wattledger::cgroup
