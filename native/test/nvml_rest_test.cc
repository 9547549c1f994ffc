#include "nvml/nvml_rest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace wattledger {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class NvmlRestTest : public testing::Test {
 protected:
  NvmlRestTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "nvml-rest-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    std::filesystem::create_directories(directory_ / "devices/0000:17:00.0/power");
    std::filesystem::create_directories(directory_ / "driver/0000:17:00.0");
    Write("devices/0000:17:00.0/power/control", "auto\n");
    Write("driver/0000:17:00.0/power", "Runtime D3 status:          Enabled (fine-grained)\nVideo Memory:  Off\n");
    Is("active");
  }
  ~NvmlRestTest() override { std::filesystem::remove_all(directory_); }

  void Write(const char* path, const char* text) const { std::ofstream(directory_ / path) << text; }
  void Is(const char* status) const { Write("devices/0000:17:00.0/power/runtime_status", status); }
  std::shared_ptr<NvmlRest> Of(const std::string& address = "0000:17:00.0") const {
    return NvmlRest::Of({directory_ / "devices", directory_ / "driver", 60 * kSecond}, address);
  }

  std::filesystem::path directory_;
};

TEST_F(NvmlRestTest, OnlyAGpuThatKernelAndDriverLetSleepHasOne) {
  EXPECT_TRUE(Of());
  EXPECT_FALSE(Of("0000:18:00.0"));
  EXPECT_FALSE(Of(""));
  EXPECT_FALSE(NvmlRest::Of({}, "0000:17:00.0"));
  Write("driver/0000:17:00.0/power", "Runtime D3 status:          Disabled by default\nVideo Memory:  Enabled\n");
  EXPECT_FALSE(Of());
  Write("driver/0000:17:00.0/power", "Runtime D3 status: Enabled (coarse-grained)\n");
  Write("devices/0000:17:00.0/power/control", "on\n");
  EXPECT_FALSE(Of());
}

TEST_F(NvmlRestTest, AnIdleOneIsAskedOnceInItsTime) {
  const auto rest = Of();
  int64_t now = 1'000 * kSecond;
  EXPECT_TRUE(rest->IsDue(now)) << "the first time";
  rest->Ask(now);
  EXPECT_FALSE(rest->IsDue(now += kSecond));
  Is("suspended");
  EXPECT_FALSE(rest->IsDue(now += 58 * kSecond));
  EXPECT_EQ(rest->wakes(), 0u);
  EXPECT_TRUE(rest->IsDue(now += kSecond));
  rest->Ask(now);
  EXPECT_EQ(rest->wakes(), 1u);
  // That it is awake now is our doing.
  Is("active");
  EXPECT_FALSE(rest->IsDue(now += kSecond));
}

TEST_F(NvmlRestTest, OneThatSomebodyUsesIsAskedEachTime) {
  const auto rest = Of();
  int64_t now = 1'000 * kSecond;
  rest->IsDue(now);
  rest->Ask(now);
  Is("suspended");
  EXPECT_FALSE(rest->IsDue(now += kSecond));
  Is("active");
  for (int second = 0; second < 10; ++second) {
    EXPECT_TRUE(rest->IsDue(now += kSecond)) << second;
    rest->Ask(now);
  }
  EXPECT_FALSE(rest->IsDue(now += kSecond)) << "nobody used it since";
  rest->Used(now);
  EXPECT_TRUE(rest->IsDue(now += kSecond));
  EXPECT_EQ(rest->wakes(), 0u);
}

}  // namespace
}  // namespace wattledger
