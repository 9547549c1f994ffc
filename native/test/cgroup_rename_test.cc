#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cgroup/group_tree.h"

namespace wattledger::cgroup {
namespace {

namespace fs = std::filesystem;

class CgroupRenameTest : public testing::Test {
 protected:
  CgroupRenameTest() {
    std::string pattern = fs::temp_directory_path() / "cgroup-rename-XXXXXX";
    root_ = mkdtemp(pattern.data());
    Make("old");
  }
  ~CgroupRenameTest() override { fs::remove_all(root_); }

  void Make(const char* name) {
    fs::create_directory(root_ / name);
    std::ofstream(root_ / name / "cpuacct.usage") << 5'000'000'000;
  }

  fs::path root_;
  StopSignal stop_;
};

// What it has used was told under the other name.
TEST_F(CgroupRenameTest, AGroupOfAnotherNameIsNoNewcomer) {
  GroupTree tree({{root_.string(), false}, {}, {}, {}, ""}, {});
  ASSERT_FALSE(tree.Open());
  tree.Pass(stop_);
  tree.TakeFrame();
  fs::rename(root_ / "old", root_ / "new");
  Make("newborn");
  tree.Pass(stop_);
  const Frame frame = tree.TakeFrame();
  ASSERT_EQ(frame.births.size(), 2u);
  for (const Birth& birth : frame.births) EXPECT_EQ(birth.fresh, birth.name == "newborn") << birth.name;
  ASSERT_EQ(frame.deaths.size(), 1u);
  EXPECT_EQ(frame.deaths[0].usage_ns, 5'000'000'000u);
}

}  // namespace
}  // namespace wattledger::cgroup
