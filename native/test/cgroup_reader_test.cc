#include "cgroup/cgroup_reader.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/poller.h"

namespace wattledger::cgroup {
namespace {

namespace fs = std::filesystem;

TEST(CgroupReader, HandsOverAllWhileGroupsComeAndGo) {
  std::string pattern = (fs::temp_directory_path() / "cgroup-XXXXXX").string();
  const fs::path root = mkdtemp(pattern.data());
  const auto box = std::make_shared<FrameBox>(1000);
  const Hierarchy tree{root.string(), true};
  Poller poller(std::make_unique<CgroupReader>(Hierarchies{tree, tree, tree, tree, ""}, TreeLimits{}, box),
                {.interval_ns = 1'000'000, .capacity = 4}, [] {});
  poller.Start();
  std::atomic<bool> done{false};
  std::thread maker([&] {
    for (int i = 0; i < 300; ++i) {
      const fs::path group = root / std::to_string(i);
      fs::create_directory(group);
      std::ofstream(group / "cpu.stat") << "usage_usec 1\n";
      if (i % 3 != 0) fs::remove_all(group);
    }
    done = true;
  });
  size_t births = 0, deaths = 0, alive = 0;
  const auto take = [&] {
    const auto frame = box->Take();
    if (!frame) return;
    births += frame->births.size();
    deaths += frame->deaths.size();
    alive = frame->rows.size();
    EXPECT_EQ(births - deaths, alive);
  };
  for (int tries = 0; tries < 10'000 && !done; ++tries) {
    take();
    poll(nullptr, 0, 1);
  }
  maker.join();
  for (int tries = 0; tries < 10'000 && alive != 101; ++tries) {
    take();
    poll(nullptr, 0, 1);
  }
  EXPECT_EQ(alive, 101u);
  EXPECT_TRUE(poller.Stop(10'000'000'000));
  fs::remove_all(root);
}

TEST(FrameBox, StandsForAllFramesThatNobodyTook) {
  FrameBox box(1000);
  EXPECT_FALSE(box.Take());
  box.Put({.pass = 1, .rows = {{.id = 1, .usage_ns = 5}}, .births = {{.id = 1}, {.id = 2, .parent = 1}}});
  box.Put({.pass = 2, .rows = {{.id = 1, .usage_ns = 9}}, .deaths = {{2, 3}}});
  const auto frame = box.Take();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->pass, 2u);
  EXPECT_EQ(frame->rows.at(0).usage_ns, 9u);
  EXPECT_EQ(frame->births.size(), 2u);
  EXPECT_EQ(frame->deaths.at(0).usage_ns, 3u);
  EXPECT_FALSE(box.Take());
}

TEST(FrameBox, KeepsABoundedNumberOfThoseWhoCameAndWent) {
  FrameBox box(10);
  box.Put({.births = {{.id = 1}}});
  box.Take();
  box.Put({.deaths = {{1, 7}}});
  for (uint64_t id = 2; id < 1000; ++id) {
    box.Put({.births = {{.id = id}}, .deaths = {{id, 1}}});
  }
  box.Put({.births = {{.id = 1000}}});
  const auto frame = box.Take();
  ASSERT_TRUE(frame);
  EXPECT_LE(frame->births.size(), 11u);
  EXPECT_EQ(frame->births.back().id, 1000u);
  // Whom the other side knows is never left out.
  EXPECT_EQ(frame->deaths.front().id, 1u);
}

TEST(CgroupFiles, ReadsTheirTextsAndNothingElse) {
  const Hierarchy v2{"", true}, v1{"", false};
  EXPECT_EQ(ParseUsageNs(v2, "usage_usec 12\nuser_usec 7\n"), 12'000u);
  EXPECT_EQ(ParseUsageNs(v2, "user_usec 7\nusage_usec 12"), 12'000u);
  EXPECT_EQ(ParseUsageNs(v1, "12\n"), 12u);
  for (const auto* text : {"", "usage_usec\n", "usage_usec -1\n", "usage_usec 18446744073709551615\n", "12\n"}) {
    EXPECT_EQ(ParseUsageNs(v2, text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseCpuCount("0-3,8,10-11\n"), 7u);
  EXPECT_EQ(ParseCpuCount("5"), 1u);
  for (const auto* text : {"", "\n", "a", "3-1\n", "0-\n", "0 1\n", "-1", "0-99999999999\n"}) {
    EXPECT_EQ(ParseCpuCount(text), std::nullopt) << text;
  }
  for (const auto* text : {"", "cpu 1 2 3", "cpu0 1 2 3 4 5 6 7", "cpu 1 2 x 4 5 6 7"}) {
    EXPECT_EQ(ParseStatNs(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace wattledger::cgroup
