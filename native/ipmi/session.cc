#include "ipmi/session.h"

#include <cerrno>

#include "core/clock.h"
#include "ipmi/allow_list.h"
#include "ipmi/failure.h"

namespace wattledger::ipmi {
namespace {

constexpr int64_t kLongestPauseNs = 60'000'000'000;
// One time-out may be a busy BMC, whose late answer is then dropped. After the second the peer itself may be
// gone.
constexpr int kFailuresUntilReconnect = 2;

Error BackingOff() {
  return {Code::kTimeout, kBackingOff, "the BMC did not answer and is left alone for a while"};
}

}  // namespace

Session::Session(std::unique_ptr<Transport> transport, int64_t deadline_ns)
    : transport_(std::move(transport)),
      deadline_ns_(deadline_ns),
      breaker_(2 * deadline_ns, kLongestPauseNs) {}

Result<DeviceId> Session::Connect(const StopSignal& stop) {
  if (!breaker_.MayAsk(MonotonicNs())) return BackingOff();
  Disconnect();
  if (auto error = transport_->Connect(MonotonicNs() + deadline_ns_, stop)) {
    return Settle(*error).error();
  }
  auto response = Ask(DeviceIdRequest(), stop);
  auto device = response.ok() ? ParseDeviceId(response.value()) : Result<DeviceId>(response.error());
  if (device.ok()) {
    device_ = device.value();
  } else {
    transport_->Disconnect();
  }
  return device;
}

Result<Bytes> Session::Ask(const Request& request, const StopSignal& stop) {
  const auto manufacturer = device_ ? std::optional(device_->manufacturer) : std::nullopt;
  if (!IsAllowed(request, manufacturer)) return Error{Code::kClosed, kRefused, "not an allowed IPMI request"};
  const int64_t now_ns = MonotonicNs();
  if (!breaker_.MayAsk(now_ns)) return BackingOff();
  if (!transport_->connected()) return SystemError(ENOTCONN, "BMC");
  return Settle(transport_->Exchange(request, now_ns + deadline_ns_, stop));
}

Result<Bytes> Session::Settle(Result<Bytes> outcome) {
  if (outcome.ok()) {
    breaker_.Succeeded();
  } else if (outcome.error().code == Code::kTimeout) {
    breaker_.Failed(MonotonicNs());
    if (breaker_.failures() >= kFailuresUntilReconnect) Disconnect();
  }
  return outcome;
}

void Session::Disconnect() noexcept {
  transport_->Disconnect();
  device_.reset();
}

}  // namespace wattledger::ipmi
