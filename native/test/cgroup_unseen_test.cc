#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cgroup/group_tree.h"
#include "core/clock.h"

namespace wattledger::cgroup {
namespace {

namespace fs = std::filesystem;

TEST(CgroupUnseenTest, WhoCameAndWentBeforeAnybodyLookedIsBornAndDead) {
  const int64_t before_ns = MonotonicNs();
  std::string pattern = fs::temp_directory_path() / "cgroup-XXXXXX";
  const fs::path root = mkdtemp(pattern.data());
  const Hierarchy unified{root.string(), true};
  GroupTree tree({unified, unified, unified, unified, ""}, {});
  const StopSignal stop;
  const auto pass = [&] {
    tree.Pass(stop);
    return tree.TakeFrame();
  };
  ASSERT_FALSE(tree.Open());
  pass();
  fs::create_directory(root / "short.scope");
  fs::remove(root / "short.scope");
  const Frame frame = pass();
  ASSERT_EQ(frame.births.size(), 1u);
  EXPECT_EQ(frame.births[0].name, "short.scope");
  EXPECT_TRUE(frame.births[0].fresh);
  EXPECT_EQ(frame.births[0].parent, 1u);
  ASSERT_EQ(frame.deaths.size(), 1u);
  EXPECT_EQ(frame.deaths[0].id, frame.births[0].id);
  EXPECT_EQ(frame.deaths[0].usage_ns, kUnknown);
  EXPECT_GT(frame.deaths[0].unread_ns, 0);
  EXPECT_LE(frame.deaths[0].unread_ns, frame.after_ns - before_ns);
  EXPECT_EQ(tree.size(), 1u);
  EXPECT_TRUE(pass().deaths.empty());
  fs::remove_all(root);
}

}  // namespace
}  // namespace wattledger::cgroup
