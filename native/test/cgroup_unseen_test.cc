#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

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

// The event of its removal comes after the pass has begun: here never, since another tree takes the place of the first.
TEST(CgroupUnseenTest, WhoIsRemovedDuringAPassDiesInThePassThatCountsWhatItUsed) {
  std::string pattern = fs::temp_directory_path() / "cgroup-XXXXXX";
  const fs::path folder = mkdtemp(pattern.data());
  const auto use = [&](const fs::path& group, int us) {
    fs::create_directories(folder / group);
    std::ofstream(folder / group / "cpu.stat") << "usage_usec " << us << "\n";
  };
  use("before", 10);
  use("before/short.scope", 0);
  use("after", 400'010);
  // So many that no look through the folders comes by in that pass.
  constexpr size_t kOthers = 40;
  for (size_t n = 0; n < kOthers; ++n) {
    for (const auto* tree : {"before", "after"}) use(fs::path(tree) / ("other-" + std::to_string(n)), 0);
  }
  fs::create_directory_symlink("before", folder / "root");
  const Hierarchy unified{(folder / "root").string() + "/.", true};
  GroupTree tree({unified, unified, unified, unified, ""}, {.descriptors = 0});
  const StopSignal stop;
  ASSERT_FALSE(tree.Open());
  tree.Pass(stop);
  ASSERT_EQ(tree.TakeFrame().births.size(), 2 + kOthers);
  fs::remove(folder / "root");
  fs::create_directory_symlink("after", folder / "root");
  tree.Pass(stop);
  const Frame frame = tree.TakeFrame();
  ASSERT_EQ(frame.deaths.size(), 1u);
  EXPECT_EQ(frame.deaths[0].usage_ns, 0);
  EXPECT_GT(frame.deaths[0].unread_ns, 0);
  EXPECT_EQ(frame.rows.back().usage_ns, 400'010'000);
  EXPECT_EQ(frame.rows.size(), 1 + kOthers);
  EXPECT_EQ(tree.size(), 1 + kOthers);
  fs::remove_all(folder);
}

// The kernel removes a group's files first, and its folder when all of them are gone.
TEST(CgroupUnseenTest, WhoseFilesAreGoneIsDeadThoughTheFolderIsThere) {
  std::string pattern = fs::temp_directory_path() / "cgroup-XXXXXX";
  const fs::path root = mkdtemp(pattern.data());
  const auto use = [&](const fs::path& group, int us) {
    std::ofstream(root / group / "cpu.stat") << "usage_usec " << us << "\n";
  };
  fs::create_directory(root / "short.scope");
  fs::create_directory(root / "never-told");
  use("short.scope", 10);
  use("", 10);
  const Hierarchy unified{root.string(), true};
  GroupTree tree({unified, unified, unified, unified, ""}, {.descriptors = 0});
  const StopSignal stop;
  ASSERT_FALSE(tree.Open());
  tree.Pass(stop);
  ASSERT_EQ(tree.TakeFrame().rows.size(), 3u);
  fs::remove(root / "short.scope" / "cpu.stat");
  use("", 400'010);
  tree.Pass(stop);
  const Frame frame = tree.TakeFrame();
  ASSERT_EQ(frame.deaths.size(), 1u);
  EXPECT_EQ(frame.deaths[0].usage_ns, 10'000u);
  EXPECT_GT(frame.deaths[0].unread_ns, 0);
  EXPECT_EQ(frame.rows.size(), 2u);
  EXPECT_EQ(frame.rows.back().usage_ns, 400'010'000u);
  fs::remove_all(root);
}

}  // namespace
}  // namespace wattledger::cgroup
