#include <gtest/gtest.h>

#include <set>

#include "ipmi/allow_list.h"
#include "ipmi/responses.h"
#include "ipmi/source.h"
#include "ipmi/vendor_energy.h"

namespace wattledger::ipmi {
namespace {

using Command = std::pair<int, int>;

// All commands for which some data of up to 8 times `fill` is allowed.
std::set<Command> AllowedWith(uint8_t fill, std::optional<uint32_t> manufacturer) {
  std::set<Command> allowed;
  for (int netfn = 0; netfn < 256; ++netfn) {
    for (int cmd = 0; cmd < 256; ++cmd) {
      for (size_t length = 0; length <= 8; ++length) {
        const Request request{
            {}, static_cast<uint8_t>(netfn), static_cast<uint8_t>(cmd), Bytes(length, fill)};
        if (IsAllowed(request, manufacturer)) allowed.insert({netfn, cmd});
      }
    }
  }
  return allowed;
}

TEST(AllowList, LetsNothingThroughButReadCommands) {
  const std::set<Command> reads{{0x06, 0x01}, {0x0a, 0x20}, {0x0a, 0x22}, {0x0a, 0x23},
                                {0x04, 0x20}, {0x04, 0x21}, {0x04, 0x22}, {0x04, 0x2d}};
  for (const uint8_t fill : {0x00, 0x01, 0xdc, 0xff}) {
    EXPECT_EQ(AllowedWith(fill, std::nullopt), reads);
    EXPECT_EQ(AllowedWith(fill, kDell), reads);
    EXPECT_EQ(AllowedWith(fill, kLenovo), reads);
  }
}

TEST(AllowList, RefusesWhatChangesTheMachine) {
  const Request changes[] = {
      {{}, 0x00, 0x02, {0x00}},                    // Chassis Control: power off
      {{}, 0x06, 0x02, {}},                        // Cold Reset
      {{}, 0x06, 0x46, {0x01}},                    // Get User Name, the door to user management
      {{}, 0x06, 0x34, {0x00}},                    // Send Message
      {{}, 0x06, 0x52, {0x00, 0x00, 0x01}},        // Master Write-Read
      {{}, 0x0a, 0x24, {}},                        // Add SDR
      {{}, 0x0a, 0x27, {}},                        // Clear SDR Repository
      {{}, 0x2c, 0x04, {0xdc, 0x00}},              // DCMI Set Power Limit
      {{}, 0x2c, 0x02, {0xdc, 0x02, 0x00, 0x00}},  // another mode of Get Power Reading
      {{}, 0x30, 0x9d, {0x07, 0x01}},              // Dell: reset of the energy counter
      {{}, 0x30, 0x9c, {0x07, 0x02}},
      {{}, 0x3a, 0x32, {0x04, 0x02, 0x00, 0x00, 0x01}},
      {{}, 0x2e, 0x81, {0x66, 0x4a, 0x00, 0x20, 0x01, 0x83, 0x00, 0x08}},
      {{0x82, 0, 0}, 0x06, 0x01, {}},  // a satellite controller is asked for its sensors alone
  };
  for (const auto& request : changes) {
    for (const auto manufacturer :
         {std::optional<uint32_t>(), std::optional(kDell), std::optional(kLenovo)}) {
      EXPECT_FALSE(IsAllowed(request, manufacturer)) << int{request.netfn} << "/" << int{request.cmd};
    }
  }
}

TEST(AllowList, LetsAllOfOurOwnRequestsThrough) {
  for (const auto& request : {DeviceIdRequest(), PowerReadingRequest(), SensorReadingRequest({}, 0x77),
                              SensorReadingRequest({0x82, 6, 1}, 0x77)}) {
    EXPECT_TRUE(IsAllowed(request, std::nullopt));
  }
}

TEST(AllowList, WantsTheManufacturerOfVendorCommands) {
  EXPECT_TRUE(IsAllowed(DellEnergyRequest(), kDell));
  EXPECT_FALSE(IsAllowed(DellEnergyRequest(), std::nullopt));
  EXPECT_FALSE(IsAllowed(DellEnergyRequest(), kLenovo));
  for (const auto& request : {LenovoNodeEnergyRequest(), LenovoMeterHandleRequest(),
                              LenovoMeterEnergyRequest(0x20, false), LenovoMeterEnergyRequest(0x31, true)}) {
    EXPECT_TRUE(IsAllowed(request, kLenovo));
    EXPECT_FALSE(IsAllowed(request, std::nullopt));
    EXPECT_FALSE(IsAllowed(request, kDell));
  }
}

}  // namespace
}  // namespace wattledger::ipmi
