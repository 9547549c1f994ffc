#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "ipmi/failure.h"
#include "ipmi/responses.h"
#include "ipmi/transport.h"

namespace wattledger::ipmi {

// A BMC made of the test's own answers by (netfn, cmd). What it does not know it refuses with C1, as BMCs do.
struct FakeBmc {
  using Handler = std::function<Result<Bytes>(const Request&)>;
  std::map<std::pair<int, int>, Handler> handlers;
  std::vector<Request> seen;
  int connects = 0;
  bool connected = false;
  std::optional<Error> refuses_connection;

  FakeBmc() { SetDevice(kDefaultManufacturer); }

  static constexpr uint32_t kDefaultManufacturer = 0x1234;

  void Answer(int netfn, int cmd, Bytes response) {
    handlers[{netfn, cmd}] = [response](const Request&) { return Result<Bytes>(response); };
  }
  void FailWith(int netfn, int cmd, Error error) {
    handlers[{netfn, cmd}] = [error](const Request&) { return Result<Bytes>(error); };
  }
  void SetDevice(uint32_t manufacturer) {
    Answer(0x06, 0x01,
           {0x00, 0x20, 0x01, 0x02, 0x10, 0x02, 0xbf, static_cast<uint8_t>(manufacturer),
            static_cast<uint8_t>(manufacturer >> 8), static_cast<uint8_t>(manufacturer >> 16), 0x01, 0x02});
  }
  size_t Count(int netfn, int cmd) const {
    size_t count = 0;
    for (const auto& request : seen) count += request.netfn == netfn && request.cmd == cmd;
    return count;
  }
};

inline Error SilentBmc() { return {Code::kTimeout, -ETIMEDOUT, "no answer"}; }

class FakeTransport : public Transport {
 public:
  explicit FakeTransport(std::shared_ptr<FakeBmc> bmc) : bmc_(std::move(bmc)) {}

  bool connected() const override { return bmc_->connected; }
  std::optional<Error> Connect(int64_t, const StopSignal&) override {
    ++bmc_->connects;
    bmc_->connected = !bmc_->refuses_connection;
    return bmc_->refuses_connection;
  }
  Result<Bytes> Exchange(const Request& request, int64_t, const StopSignal&) override {
    bmc_->seen.push_back(request);
    const auto handler = bmc_->handlers.find({request.netfn, request.cmd});
    if (handler == bmc_->handlers.end()) return Bytes{0xc1};
    return handler->second(request);
  }
  void Disconnect() noexcept override { bmc_->connected = false; }

 private:
  std::shared_ptr<FakeBmc> bmc_;
};

}  // namespace wattledger::ipmi
