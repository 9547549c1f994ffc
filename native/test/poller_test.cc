#include "core/poller.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <atomic>

#include "core/clock.h"

namespace wattledger {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// A device that a test drives: it counts its reads, and can hang until it is told to stop.
struct Device {
  std::atomic<int> opens{0}, reads{0}, closes{0};
  std::atomic<bool> hang_in_open{false}, hang_in_read{false}, ignore_stop{false}, fail_open{false}, is_urgent{false};
  UniqueFd release{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  void Hang(const StopSignal& stop) {
    pollfd fds[] = {{release.get(), POLLIN, 0}, {ignore_stop ? -1 : stop.fd(), POLLIN, 0}};
    poll(fds, 2, 10'000);
  }
};

class DeviceReader : public Reader {
 public:
  explicit DeviceReader(std::shared_ptr<Device> device) : device_(std::move(device)) {}

  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override {
    ++device_->opens;
    if (device_->hang_in_open) device_->Hang(stop);
    if (device_->fail_open) return Error{Code::kPermission, 13, "denied"};
    return std::vector<ChannelInfo>{{"a", {}}, {"b", {{"unit", "uJ"}}}};
  }
  void Read(std::span<Reading> readings, const StopSignal& stop) override {
    if (device_->hang_in_read) device_->Hang(stop);
    const uint64_t count = static_cast<uint64_t>(++device_->reads);
    const int64_t now = MonotonicNs();
    readings[0] = {count, now, now, Code::kOk, 0};
    readings[1] = {0, now, now, Code::kTransient, 5};
  }
  bool IsUrgent() const override { return device_->is_urgent; }
  void Close() noexcept override { ++device_->closes; }

 private:
  std::shared_ptr<Device> device_;
};

struct Signal {
  UniqueFd fd{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)};
  void Raise() { eventfd_write(fd.get(), 1); }
  bool Await() {
    pollfd ready{fd.get(), POLLIN, 0};
    if (poll(&ready, 1, 10'000) != 1) return false;
    eventfd_t ignored;
    return eventfd_read(fd.get(), &ignored) == 0;
  }
};

class PollerTest : public testing::Test {
 protected:
  std::unique_ptr<Poller> Make(PollerOptions options) {
    return std::make_unique<Poller>(std::make_unique<DeviceReader>(device_), options, [s = signal_] { s->Raise(); });
  }
  std::shared_ptr<Device> device_ = std::make_shared<Device>();
  std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
};

TEST_F(PollerTest, ReadsAtItsIntervalAndOnDemand) {
  auto poller = Make({.interval_ns = 3600 * kSecond, .capacity = 8});
  poller->Start();
  ASSERT_TRUE(signal_->Await());
  EXPECT_EQ(poller->state().phase, PollerState::Phase::kOpen);
  EXPECT_EQ(poller->channels().at(1).attributes.at("unit"), "uJ");
  const int64_t asked = MonotonicNs();
  poller->ReadNow();
  ASSERT_TRUE(signal_->Await());
  const auto readings = poller->Drain();
  ASSERT_GE(readings.size(), 2u);
  const auto& last = readings[readings.size() - 2];
  EXPECT_EQ(last.code, Code::kOk);
  EXPECT_GE(last.after_ns, asked);
  EXPECT_EQ(readings.back().code, Code::kTransient);
  EXPECT_TRUE(poller->Drain().empty());
  EXPECT_TRUE(poller->Stop(10 * kSecond));
  EXPECT_EQ(device_->closes, 1);
}

TEST_F(PollerTest, KeepsAbsoluteDeadlinesAndDropsTheOldest) {
  auto poller = Make({.interval_ns = kSecond / 1000, .capacity = 4});
  poller->Start();
  while (device_->reads < 20) poll(nullptr, 0, 1);
  EXPECT_TRUE(poller->Stop(10 * kSecond));
  const auto readings = poller->Drain();
  ASSERT_EQ(readings.size(), 8u);
  EXPECT_EQ(readings[6].value, static_cast<uint64_t>(device_->reads));
  EXPECT_EQ(poller->state().dropped, static_cast<uint64_t>(device_->reads) - 4);
}

TEST_F(PollerTest, SignalsASweepThatItsReaderCallsUrgentAndNoOther) {
  auto poller = Make({.interval_ns = kSecond / 1000, .capacity = 4});
  poller->Start();
  ASSERT_TRUE(signal_->Await());
  while (device_->reads < 5) poll(nullptr, 0, 1);
  pollfd ready{signal_->fd.get(), POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 0), 0);
  device_->is_urgent = true;
  EXPECT_TRUE(signal_->Await());
  EXPECT_TRUE(poller->Stop(10 * kSecond));
}

TEST_F(PollerTest, ReportsAFailedOpenAndEnds) {
  device_->fail_open = true;
  auto poller = Make({});
  poller->Start();
  ASSERT_TRUE(signal_->Await());
  const auto state = poller->state();
  EXPECT_EQ(state.phase, PollerState::Phase::kFailed);
  EXPECT_EQ(state.error.code, Code::kPermission);
  EXPECT_EQ(state.error.detail, 13);
  EXPECT_TRUE(poller->Stop(10 * kSecond));
}

TEST_F(PollerTest, StopsAWaitingRead) {
  device_->hang_in_read = true;
  auto poller = Make({});
  poller->Start();
  ASSERT_TRUE(signal_->Await());
  EXPECT_TRUE(poller->Stop(10 * kSecond));
}

TEST_F(PollerTest, LeavesAStuckThreadBehindAndNeverHearsOfItAgain) {
  device_->hang_in_open = device_->ignore_stop = true;
  auto poller = Make({});
  poller->Start();
  while (device_->opens == 0) poll(nullptr, 0, 1);
  EXPECT_GT(poller->state().in_flight_since_ns, 0);
  EXPECT_FALSE(poller->Stop(1'000'000));
  poller.reset();
  eventfd_write(device_->release.get(), 1);
  while (device_->closes == 0) poll(nullptr, 0, 1);
  pollfd ready{signal_->fd.get(), POLLIN, 0};
  EXPECT_EQ(poll(&ready, 1, 0), 0);
}

TEST_F(PollerTest, StopIsSafeInEveryState) {
  auto idle = Make({});
  EXPECT_TRUE(idle->Stop(0));
  EXPECT_TRUE(idle->Stop(0));
  idle->Start();
  EXPECT_EQ(idle->state().phase, PollerState::Phase::kStopped);
  auto open = Make({});
  open->Start();
  open->Start();
  EXPECT_TRUE(open->Stop(10 * kSecond));
  EXPECT_TRUE(open->Stop(10 * kSecond));
  EXPECT_EQ(device_->opens, 1);
}

}  // namespace
}  // namespace wattledger
