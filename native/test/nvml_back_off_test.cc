#include <gtest/gtest.h>

#include "nvml/back_off.h"

namespace wattledger {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(BackOff, TriesOnceForEachAlarmAndEverLater) {
  BackOff back_off(30 * kSecond);
  EXPECT_FALSE(back_off.TakeTurn(1'000'000 * kSecond));
  int64_t now = 0;
  for (const int64_t delay : {30, 60, 120, 240, 480, 480}) {
    back_off.Arm(now);
    back_off.Arm(now + 5 * kSecond);  // still dead: the time is settled
    EXPECT_FALSE(back_off.TakeTurn(now + delay * kSecond - 1));
    now += delay * kSecond;
    EXPECT_TRUE(back_off.TakeTurn(now));
    EXPECT_FALSE(back_off.TakeTurn(now));
  }
  back_off.Reset();
  back_off.Arm(now);
  EXPECT_TRUE(back_off.TakeTurn(now + 30 * kSecond));
}

TEST(BackOff, WaitsAnHourForWhatOnlyAPersonCanMend) {
  BackOff back_off(30 * kSecond);
  back_off.ArmLong(0);
  back_off.Arm(0);
  EXPECT_FALSE(back_off.TakeTurn(3600 * kSecond - 1));
  EXPECT_TRUE(back_off.TakeTurn(3600 * kSecond));
}

}  // namespace
}  // namespace wattledger
