#include "cgroup/group_tree.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace wattledger::cgroup {
namespace {

namespace fs = std::filesystem;

// A tree of folders with the files of cgroup v2.
class GroupTreeTest : public testing::Test {
 protected:
  GroupTreeTest() {
    // Control groups are in memory: folders on a disk would take the test minutes.
    const fs::path memory = "/dev/shm";
    std::string pattern = (fs::exists(memory) ? memory : fs::temp_directory_path()) / "cgroup-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~GroupTreeTest() override { fs::remove_all(root_); }

  void Write(const fs::path& path, const std::string& text) { std::ofstream(root_ / path) << text; }
  void Use(const fs::path& group, uint64_t us) {
    Write(group / "cpu.stat", "usage_usec " + std::to_string(us) + "\nuser_usec 0\n");
  }
  void Make(const fs::path& group, uint64_t us) {
    fs::create_directory(root_ / group);
    Use(group, us);
  }
  Hierarchies Unified() {
    const Hierarchy tree{root_.string(), true};
    return {tree, tree, tree, tree, (root_ / "stat").string()};
  }
  Frame Pass(GroupTree& tree) {
    tree.Pass(stop_);
    return tree.TakeFrame();
  }
  static std::vector<std::string> Names(const Frame& frame) {
    std::vector<std::string> names;
    for (const auto& birth : frame.births) names.push_back(birth.name);
    std::sort(names.begin(), names.end());
    return names;
  }
  static Row RowOf(const Frame& frame, uint64_t id) {
    const auto row = std::find_if(frame.rows.begin(), frame.rows.end(), [&](const Row& r) { return r.id == id; });
    EXPECT_NE(row, frame.rows.end()) << id;
    return row == frame.rows.end() ? Row{} : *row;
  }

  fs::path root_;
  StopSignal stop_;
};

TEST_F(GroupTreeTest, ReadsWhatIsThereAndHoldsWhatIsNotForUnknown) {
  Use("", 9000);
  Make("a", 5000);
  Make("a/b", 2000);
  Write("a/memory.current", "4096\n");
  Write("a/cpu.max", "150000 100000\n");
  Write("a/cpu.weight", "200\n");
  Write("a/cpuset.cpus", "0-9\n");
  Write("a/cpuset.cpus.effective", "0-3,8\n");
  Write("a/memory.max", "max\n");
  Write("a/memory.low", "1048576\n");
  GroupTree tree(Unified(), {});
  ASSERT_FALSE(tree.Open());
  const Frame frame = Pass(tree);
  EXPECT_EQ(Names(frame), (std::vector<std::string>{"", "a", "b"}));
  EXPECT_TRUE(std::none_of(frame.births.begin(), frame.births.end(), [](const Birth& b) { return b.fresh; }));
  ASSERT_EQ(frame.rows.size(), 3u);
  // Children before their parents.
  EXPECT_EQ(frame.rows[0].id, 3u);
  EXPECT_EQ(frame.rows[0].usage_ns, 2'000'000u);
  EXPECT_EQ(frame.rows[0].memory_bytes, kUnknown);
  EXPECT_EQ(frame.rows[0].reservation.quota_us, kUnknown);
  const Row& a = frame.rows[1];
  EXPECT_EQ(a.usage_ns, 5'000'000u);
  EXPECT_EQ(a.memory_bytes, 4096u);
  EXPECT_EQ(std::pair(a.reservation.quota_us, a.reservation.period_us), std::pair(uint64_t{150'000}, uint64_t{100'000}));
  EXPECT_EQ(a.reservation.weight, 200u);
  EXPECT_EQ(a.reservation.cpus, 5u);
  EXPECT_EQ(a.reservation.memory_max, kUnlimited);
  EXPECT_EQ(a.reservation.memory_low, 1'048'576u);
  EXPECT_EQ(a.reservation.memory_min, kUnknown);
  EXPECT_EQ(frame.rows[2].usage_ns, 9'000'000u);
  EXPECT_LE(frame.before_ns, frame.after_ns);
}

TEST_F(GroupTreeTest, ReadsTheFilesOfV1) {
  for (const auto* folder : {"acct", "acct/a", "memory", "memory/a", "cpu", "cpu/a"}) fs::create_directory(root_ / folder);
  Write("acct/cpuacct.usage", "70\n");
  Write("acct/a/cpuacct.usage", "50\n");
  Write("memory/a/memory.usage_in_bytes", "8192\n");
  Write("memory/a/memory.limit_in_bytes", "9223372036854771712\n");
  Write("memory/a/memory.soft_limit_in_bytes", "9223372036854771712\n");
  Write("cpu/a/cpu.cfs_quota_us", "-1\n");
  Write("cpu/a/cpu.cfs_period_us", "100000\n");
  Write("cpu/a/cpu.shares", "512\n");
  const auto at = [&](const char* folder) { return Hierarchy{(root_ / folder).string(), false}; };
  GroupTree tree({at("acct"), at("memory"), at("cpu"), {}, ""}, {});
  ASSERT_FALSE(tree.Open());
  const Frame frame = Pass(tree);
  ASSERT_EQ(frame.rows.size(), 2u);
  const Row& a = frame.rows[0];
  EXPECT_EQ(a.usage_ns, 50u);
  EXPECT_EQ(a.memory_bytes, 8192u);
  EXPECT_EQ(a.reservation.quota_us, kUnlimited);
  EXPECT_EQ(a.reservation.weight, 512u);
  EXPECT_EQ(a.reservation.cpus, kUnknown);
  EXPECT_EQ(a.reservation.memory_max, kUnlimited);
  EXPECT_EQ(a.reservation.memory_low, 0u);
  EXPECT_EQ(frame.rows[1].usage_ns, 70u);
}

TEST_F(GroupTreeTest, TakesTheRootsUsageFromStatWhereTheRootDoesNotTell) {
  Write("stat", "cpu  10 2 3 1000 5 1 4 7 6 0\ncpu0 1 1 1\n");
  GroupTree tree(Unified(), {});
  ASSERT_FALSE(tree.Open());
  EXPECT_EQ(Pass(tree).rows.at(0).usage_ns, 20u * (1'000'000'000u / static_cast<uint64_t>(sysconf(_SC_CLK_TCK))));
}

TEST_F(GroupTreeTest, HearsOfBirthsAndDeaths) {
  Make("old", 1000);
  GroupTree tree(Unified(), {});
  ASSERT_FALSE(tree.Open());
  Pass(tree);
  Make("new", 10);
  Make("new/inner", 5);
  const Frame born = Pass(tree);
  EXPECT_EQ(Names(born), (std::vector<std::string>{"inner", "new"}));
  EXPECT_TRUE(born.births[0].fresh && born.births[1].fresh);
  EXPECT_EQ(born.births[1].parent, born.births[0].id);

  Use("new/inner", 7);
  Pass(tree);
  fs::remove_all(root_ / "new");
  const Frame dead = Pass(tree);
  ASSERT_EQ(dead.deaths.size(), 2u);
  EXPECT_EQ(dead.deaths[0].id, born.births[1].id);
  EXPECT_EQ(dead.deaths[0].usage_ns, 7'000u);
  EXPECT_EQ(dead.deaths[1].usage_ns, 10'000u);
  EXPECT_GT(dead.deaths[1].unread_ns, 0);
  EXPECT_EQ(dead.rows.size(), 2u);
  EXPECT_EQ(tree.size(), 2u);
}

TEST_F(GroupTreeTest, ReadsAGroupOnceMoreWhenItsLastProcessEnds) {
  Make("job", 10);
  Write("job/cgroup.events", "populated 1\n");
  GroupTree tree(Unified(), {});
  ASSERT_FALSE(tree.Open());
  const uint64_t id = Pass(tree).births[1].id;
  Use("job", 60'000);
  Write("job/cgroup.events", "populated 0\n");
  tree.HandleEvents(1);
  // What the last process used until it was off its processor is counted a moment later.
  Use("job", 61'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  tree.ReadEmptied();
  fs::remove_all(root_ / "job");
  const Frame frame = Pass(tree);
  ASSERT_EQ(frame.deaths.size(), 1u);
  EXPECT_EQ(frame.deaths[0].id, id);
  EXPECT_EQ(frame.deaths[0].usage_ns, 61'000'000u);
  EXPECT_EQ(frame.deaths[0].unread_ns, 0);
}

TEST_F(GroupTreeTest, AGroupMadeAnewUnderItsNameIsAnother) {
  Make("a", 900);
  GroupTree tree(Unified(), {});
  ASSERT_FALSE(tree.Open());
  const uint64_t first = Pass(tree).births[1].id;
  fs::rename(root_ / "a", root_ / "kept-so-that-its-inode-is-not-used-again");
  Make("a", 5);
  const Frame frame = Pass(tree);
  ASSERT_EQ(frame.deaths.size(), 1u);
  EXPECT_EQ(frame.deaths[0].id, first);
  const auto again = std::find_if(frame.births.begin(), frame.births.end(), [](const Birth& b) { return b.name == "a"; });
  ASSERT_NE(again, frame.births.end());
  EXPECT_NE(again->id, first);
  EXPECT_EQ(RowOf(frame, again->id).usage_ns, 5'000u);
}

TEST_F(GroupTreeTest, AnEventOlderThanItsFolderHarmsNothing) {
  GroupTree tree(Unified(), {});
  ASSERT_FALSE(tree.Open());
  Pass(tree);
  for (int i = 0; i < 3; ++i) {
    Make("a", static_cast<uint64_t>(i));
    if (i < 2) fs::remove_all(root_ / "a");
  }
  const Frame frame = Pass(tree);
  EXPECT_EQ(frame.births.size(), 1u + frame.deaths.size());
  EXPECT_EQ(frame.rows.size(), 2u);
  EXPECT_EQ(RowOf(frame, frame.births.back().id).usage_ns, 2'000u);
}

TEST_F(GroupTreeTest, NamesMayHoldAnyByte) {
  const std::vector<std::string> names = {"a\nb", "quote\"'", "back\\x2dslash", std::string(255, '\xc3'),
                                          "\xe2\x9c\x93 \xf0\x9f\x94\x8b"};
  for (const auto& name : names) Make(name, 1);
  GroupTree tree(Unified(), {});
  ASSERT_FALSE(tree.Open());
  const Frame frame = Pass(tree);
  auto expected = names;
  expected.push_back("");
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(Names(frame), expected);
  for (const auto& row : frame.rows) EXPECT_TRUE(row.id == 1 || row.usage_ns == 1000u);
}

TEST_F(GroupTreeTest, FollowsTheUpperLevelsWhereThereAreTooManyAndSaysHowManyNot) {
  for (int i = 0; i < 4; ++i) {
    const std::string name = "g" + std::to_string(i);
    Make(name, 1);
    for (int j = 0; j < 5; ++j) Make(name + "/inner" + std::to_string(j), 1);
  }
  GroupTree tree(Unified(), {.groups = 7, .descriptors = 3});
  ASSERT_FALSE(tree.Open());
  Frame frame = Pass(tree);
  EXPECT_EQ(tree.size(), 7u);
  EXPECT_EQ(frame.truncated, 18u);
  EXPECT_EQ(std::count_if(frame.births.begin(), frame.births.end(), [](const Birth& b) { return b.parent == 1; }), 4);
  fs::remove_all(root_ / "g0");
  fs::remove_all(root_ / "g1");
  fs::remove_all(root_ / "g2");
  // What has room now was there before, so that it is not new.
  for (int passes = 0; passes < 3; ++passes) frame = Pass(tree);
  EXPECT_EQ(tree.size(), 7u);
  EXPECT_EQ(frame.truncated, 0u);
  EXPECT_TRUE(std::none_of(frame.births.begin(), frame.births.end(), [](const Birth& b) { return b.fresh; }));
}

TEST_F(GroupTreeTest, OfAHundredThousandItFollowsAsManyAsItMayAndSaysHowManyNot) {
  constexpr size_t kSlices = 100, kInEach = 999, kFollowed = 10'000, kDescriptors = 500;
  const auto open_files = [] {
    return static_cast<size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{}));
  };
  const auto folder_of = [&](size_t slice) { return root_ / ("s" + std::to_string(slice) + ".slice"); };
  Use("", 1);
  for (size_t slice = 0; slice < kSlices; ++slice) {
    fs::create_directory(folder_of(slice));
    for (size_t scope = 0; scope < kInEach; ++scope) {
      ASSERT_EQ(mkdir((folder_of(slice) / (std::to_string(scope) + ".scope")).c_str(), 0755), 0);
    }
  }
  const size_t before = open_files();
  GroupTree tree(Unified(), {.groups = kFollowed, .descriptors = kDescriptors});
  ASSERT_FALSE(tree.Open());
  Frame frame = Pass(tree);
  EXPECT_EQ(tree.size(), kFollowed);
  EXPECT_EQ(frame.truncated, 1 + kSlices + kSlices * kInEach - kFollowed);
  EXPECT_EQ(std::count_if(frame.births.begin(), frame.births.end(), [](const Birth& b) { return b.parent == 1; }), 100);
  for (int passes = 0; passes < 5; ++passes) {
    frame = Pass(tree);
    EXPECT_LE(frame.rows.size(), kFollowed);
    EXPECT_TRUE(frame.births.empty() && frame.deaths.empty());
    EXPECT_LE(open_files(), before + kDescriptors + 8);
  }
  // Half of them end: there is room for more, and fewer are left out.
  for (size_t slice = 0; slice < kSlices / 2; ++slice) fs::remove_all(folder_of(slice));
  const size_t left = 1 + kSlices / 2 * (1 + kInEach);
  for (int passes = 0; passes < 200 && frame.truncated != left - kFollowed; ++passes) frame = Pass(tree);
  EXPECT_EQ(tree.size(), kFollowed);
  EXPECT_EQ(frame.truncated, left - kFollowed);
}

TEST_F(GroupTreeTest, StaysTheSameOverManyBirthsAndDeaths) {
  GroupTree tree(Unified(), {.groups = 50, .descriptors = 20});
  ASSERT_FALSE(tree.Open());
  size_t births = 0, deaths = 0;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 20; ++i) Make("r" + std::to_string(round) + "-" + std::to_string(i), 1);
    if (round > 0) for (int i = 0; i < 20; ++i) fs::remove_all(root_ / ("r" + std::to_string(round - 1) + "-" + std::to_string(i)));
    const Frame frame = Pass(tree);
    births += frame.births.size();
    deaths += frame.deaths.size();
  }
  EXPECT_EQ(births, 801u);
  EXPECT_EQ(deaths, 780u);
  EXPECT_EQ(tree.size(), 21u);
}

TEST_F(GroupTreeTest, ARootThatIsNotThereIsAbsent) {
  GroupTree tree({{(root_ / "none").string(), true}, {}, {}, {}, ""}, {});
  const auto error = tree.Open();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Code::kAbsent);
}

}  // namespace
}  // namespace wattledger::cgroup
