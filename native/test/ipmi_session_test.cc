#include <gtest/gtest.h>

#include <thread>

#include "ipmi/allow_list.h"
#include "ipmi/session.h"
#include "ipmi/vendor_energy.h"
#include "ipmi_fake_bmc.h"

namespace wattledger::ipmi {
namespace {

// The breaker's first pause is twice the deadline: one that no test outlasts, and one that every test does.
constexpr int64_t kPatientNs = 100'000'000'000;
constexpr int64_t kHastyNs = 1'000'000;

struct SessionTest : testing::Test {
  std::shared_ptr<FakeBmc> bmc = std::make_shared<FakeBmc>();
  Session session{std::make_unique<FakeTransport>(bmc), kPatientNs};
  Session hasty{std::make_unique<FakeTransport>(bmc), kHastyNs};
  StopSignal stop;

  // The first outcome that is not a pause of the breaker.
  template <typename Attempt>
  static auto Persist(Attempt attempt) {
    auto outcome = attempt();
    while (!outcome.ok() && outcome.error().detail == kBackingOff) {
      std::this_thread::sleep_for(std::chrono::nanoseconds(kHastyNs));
      outcome = attempt();
    }
    return outcome;
  }
};

TEST_F(SessionTest, SendsNothingThatIsNotAllowed) {
  ASSERT_TRUE(session.Connect(stop).ok());
  bmc->seen.clear();
  for (int netfn = 0; netfn < 64; netfn += 2) {
    for (int cmd = 0; cmd < 256; ++cmd) {
      const Request request{{}, static_cast<uint8_t>(netfn), static_cast<uint8_t>(cmd), {0x55, 0x55, 0x55}};
      const auto response = session.Ask(request, stop);
      ASSERT_FALSE(response.ok());
      EXPECT_EQ(response.error().code, Code::kClosed);
      EXPECT_EQ(response.error().detail, kRefused);
    }
  }
  EXPECT_TRUE(bmc->seen.empty());
}

TEST_F(SessionTest, SendsVendorCommandsToTheVendorAlone) {
  bmc->Answer(0x30, 0x9c, Bytes(25, 0));
  ASSERT_TRUE(session.Connect(stop).ok());
  EXPECT_FALSE(session.Ask(DellEnergyRequest(), stop).ok());
  EXPECT_EQ(bmc->Count(0x30, 0x9c), 0u);

  bmc->SetDevice(kDell);
  ASSERT_TRUE(session.Connect(stop).ok());
  EXPECT_TRUE(session.Ask(DellEnergyRequest(), stop).ok());
  session.Disconnect();
  EXPECT_FALSE(session.Ask(DellEnergyRequest(), stop).ok());
  EXPECT_EQ(bmc->Count(0x30, 0x9c), 1u);
}

TEST_F(SessionTest, LeavesASilentBmcAlone) {
  ASSERT_TRUE(session.Connect(stop).ok());
  bmc->FailWith(0x2c, 0x02, SilentBmc());
  EXPECT_EQ(session.Ask(PowerReadingRequest(), stop).error().detail, -ETIMEDOUT);
  EXPECT_EQ(session.Ask(PowerReadingRequest(), stop).error().detail, kBackingOff);
  EXPECT_EQ(session.Ask(DeviceIdRequest(), stop).error().detail, kBackingOff);
  EXPECT_EQ(session.Connect(stop).error().detail, kBackingOff);
  EXPECT_EQ(bmc->Count(0x2c, 0x02), 1u);
  EXPECT_TRUE(session.connected());
}

TEST_F(SessionTest, ConnectsAnewAfterTheSecondTimeOutInARow) {
  ASSERT_TRUE(hasty.Connect(stop).ok());
  bmc->FailWith(0x2c, 0x02, SilentBmc());
  for (const bool connected : {true, false}) {
    const auto answer = Persist([&] { return hasty.Ask(PowerReadingRequest(), stop); });
    EXPECT_EQ(answer.error().detail, -ETIMEDOUT);
    EXPECT_EQ(hasty.connected(), connected);
  }
  EXPECT_TRUE(Persist([&] { return hasty.Connect(stop); }).ok());
}

TEST_F(SessionTest, TrustsAgainAfterOneAnswer) {
  ASSERT_TRUE(hasty.Connect(stop).ok());
  bmc->FailWith(0x2c, 0x02, SilentBmc());
  EXPECT_FALSE(hasty.Ask(PowerReadingRequest(), stop).ok());
  bmc->Answer(0x2c, 0x02, {0xc1});
  EXPECT_TRUE(Persist([&] { return hasty.Ask(PowerReadingRequest(), stop); }).ok());
  EXPECT_TRUE(hasty.Ask(PowerReadingRequest(), stop).ok());
}

TEST_F(SessionTest, SaysWhyThereIsNoConnection) {
  bmc->refuses_connection = Error{Code::kPermission, -EACCES, "/dev/ipmi0: Permission denied"};
  const auto refused = session.Connect(stop);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kPermission);
  EXPECT_EQ(session.Ask(PowerReadingRequest(), stop).error().detail, -ENOTCONN);
  bmc->refuses_connection.reset();
  EXPECT_TRUE(session.Connect(stop).ok());
}

TEST_F(SessionTest, IsNotConnectedToABmcThatDoesNotSayWhoItIs) {
  bmc->Answer(0x06, 0x01, {0x00, 0x20});
  EXPECT_EQ(session.Connect(stop).error().code, Code::kCorrupt);
  EXPECT_FALSE(session.connected());
}

TEST(CircuitBreaker, DoublesUpToItsLongestPause) {
  CircuitBreaker breaker(10, 35);
  int64_t now = 1000;
  for (const int64_t pause : {10, 20, 35, 35}) {
    breaker.Failed(now);
    EXPECT_FALSE(breaker.MayAsk(now + pause - 1));
    EXPECT_TRUE(breaker.MayAsk(now + pause));
    now += pause;
  }
  breaker.Succeeded();
  breaker.Failed(now);
  EXPECT_TRUE(breaker.MayAsk(now + 10));
}

}  // namespace
}  // namespace wattledger::ipmi
