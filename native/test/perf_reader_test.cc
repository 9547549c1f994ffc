#include "rapl/perf_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/clock.h"

namespace wattledger {
namespace {

// The software PMU stands in for `power`: its groups are read by the same system call, and cpu-clock counts
// nanoseconds.
constexpr uint32_t kSoftware = PERF_TYPE_SOFTWARE;
constexpr uint64_t kCpuClock = PERF_COUNT_SW_CPU_CLOCK;
constexpr uint64_t kNoEvent = 0xff;
constexpr unsigned kNobody = 65'534;

class PerfReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    PerfReader probe(kSoftware, {{0, kCpuClock}});
    const auto opened = probe.Open(stop_);
    if (!opened.ok() && opened.error().code == Code::kPermission) {
      GTEST_SKIP() << "this kernel refuses perf_event_open: " << opened.error().message;
    }
  }
  static std::vector<Reading> ReadOnce(PerfReader& reader, size_t width) {
    std::vector<Reading> readings(width);
    StopSignal stop;
    reader.Read(readings, stop);
    return readings;
  }
  StopSignal stop_;
};

TEST_F(PerfReaderTest, ReadsAGroupInOneInstantAndCountsOn) {
  PerfReader reader(kSoftware, {{0, kCpuClock}, {0, kCpuClock}});
  const auto opened = reader.Open(stop_);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened.value().at(1).id, "cpu0 event 0");
  const auto first = ReadOnce(reader, 2);
  const auto second = ReadOnce(reader, 2);
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(first[i].code, Code::kOk);
    ASSERT_EQ(second[i].code, Code::kOk);
    const auto counted = static_cast<int64_t>(second[i].value - first[i].value);
    // The kernel's clock is not slewed as CLOCK_MONOTONIC is: 0.05 % at most (adjtimex(2)).
    const int64_t slew = (second[i].after_ns - first[i].before_ns) / 2'000;
    EXPECT_GE(counted, second[i].before_ns - first[i].after_ns - slew);
    EXPECT_LE(counted, second[i].after_ns - first[i].before_ns + slew);
  }
  EXPECT_EQ(first[0].before_ns, first[1].before_ns);
  EXPECT_EQ(first[0].after_ns, first[1].after_ns);
}

TEST_F(PerfReaderTest, AnEventThatIsNotThereCostsNoOther) {
  PerfReader reader(kSoftware, {{0, kNoEvent}, {0, kCpuClock}, {0, kNoEvent}, {0, kCpuClock}});
  ASSERT_TRUE(reader.Open(stop_).ok());
  const auto readings = ReadOnce(reader, 4);
  EXPECT_EQ(readings[0].code, Code::kAbsent);
  EXPECT_EQ(readings[0].detail, ENOENT);
  EXPECT_EQ(readings[1].code, Code::kOk);
  EXPECT_EQ(readings[2].code, Code::kAbsent);
  EXPECT_EQ(readings[3].code, Code::kOk);
}

TEST_F(PerfReaderTest, ACpuThatIsNotThereCostsNoOtherAndIsTriedAgain) {
  PerfReader reader(kSoftware, {{99'999, kCpuClock}, {0, kCpuClock}});
  ASSERT_TRUE(reader.Open(stop_).ok());
  for (int sweep = 0; sweep < 2; ++sweep) {
    const auto readings = ReadOnce(reader, 2);
    EXPECT_NE(readings[0].code, Code::kOk);
    EXPECT_NE(readings[0].detail, 0);
    EXPECT_EQ(readings[1].code, Code::kOk);
  }
}

TEST_F(PerfReaderTest, WhatCannotBeOpenedAtAllIsAnError) {
  PerfReader reader(kSoftware, {{0, kNoEvent}});
  const auto opened = reader.Open(stop_);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::kAbsent);
  EXPECT_EQ(opened.error().detail, ENOENT);
}

TEST_F(PerfReaderTest, ClosesInEveryStateAndOpensAnewFromZero) {
  PerfReader reader(kSoftware, {{0, kCpuClock}});
  reader.Close();
  ASSERT_TRUE(reader.Open(stop_).ok());
  usleep(2'000);
  const uint64_t before = ReadOnce(reader, 1)[0].value;
  reader.Close();
  reader.Close();
  const int64_t asked_ns = MonotonicNs();
  const auto anew = ReadOnce(reader, 1);
  EXPECT_EQ(anew[0].code, Code::kOk);
  // Had it counted on, it would have what was before, too.
  EXPECT_LT(anew[0].value, before + static_cast<uint64_t>(anew[0].after_ns - asked_ns));
}

// Puts /dev/null behind every event: it reads as the end of the file, as an event in the error state does.
void BreakEvents() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone) != "anon_inode:[perf_event]") continue;
    const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_GE(dup3(null.get(), std::stoi(entry.path().filename()), O_CLOEXEC), 0);
  }
}

TEST_F(PerfReaderTest, AnEventInTheErrorStateFailsOnceAndIsOpenedAnew) {
  PerfReader reader(kSoftware, {{0, kCpuClock}, {0, kCpuClock}});
  ASSERT_TRUE(reader.Open(stop_).ok());
  ASSERT_EQ(ReadOnce(reader, 2)[0].code, Code::kOk);
  BreakEvents();
  for (const auto& reading : ReadOnce(reader, 2)) {
    EXPECT_EQ(reading.code, Code::kTransient);
    EXPECT_EQ(reading.detail, ENODATA);
  }
  for (const auto& reading : ReadOnce(reader, 2)) EXPECT_EQ(reading.code, Code::kOk);
}

// System calls instead of libc's wrappers: they change the rights of this thread alone.
void BecomeNobody(std::initializer_list<int> capabilities) {
  syscall(SYS_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
  ASSERT_EQ(syscall(SYS_setresuid, kNobody, kNobody, kNobody), 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  for (const int capability : capabilities) {
    data[capability / 32].permitted |= 1u << (capability % 32);
    data[capability / 32].effective |= 1u << (capability % 32);
  }
  ASSERT_EQ(syscall(SYS_capset, &header, data), 0) << std::strerror(errno);
}

Code OpenAsNobody(std::initializer_list<int> capabilities) {
  Code code = Code::kClosed;
  std::thread([&] {
    BecomeNobody(capabilities);
    PerfReader reader(kSoftware, {{0, kCpuClock}});
    StopSignal stop;
    const auto opened = reader.Open(stop);
    code = opened.ok() ? Code::kOk : opened.error().code;
  }).join();
  return code;
}

TEST_F(PerfReaderTest, CapPerfmonIsWhatTheServiceNeeds) {
  int paranoid = 0;
  std::ifstream("/proc/sys/kernel/perf_event_paranoid") >> paranoid;
  if (geteuid() != 0 || paranoid < 1 || paranoid > 2)
    GTEST_SKIP() << "needs root and perf_event_paranoid 1 or 2";
  EXPECT_EQ(OpenAsNobody({}), Code::kPermission);
  EXPECT_EQ(OpenAsNobody({CAP_PERFMON}), Code::kOk);
}

}  // namespace
}  // namespace wattledger
