#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "ipmi/scan_reader.h"
#include "ipmi_fake_bmc.h"

// A BMC whose every answer is the next piece of the input, from its identity on: looking it through ends, and
// what comes of it is text that the other side can take: hex of whole bytes, and plain ASCII.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wattledger;
  using namespace wattledger::ipmi;
  auto bmc = std::make_shared<FakeBmc>();
  size_t at = 0;
  const auto next = [&](const Request&) -> Result<Bytes> {
    if (at >= size) return Bytes{0xc1};
    const size_t length = std::min<size_t>(data[at] % 24, size - at - 1);
    Bytes response(data + at + 1, data + at + 1 + length);
    at += 1 + length;
    return response;
  };
  for (const auto command : {std::pair(0x06, 0x01), std::pair(0x0a, 0x20), std::pair(0x0a, 0x22),
                             std::pair(0x0a, 0x23), std::pair(0x04, 0x20), std::pair(0x04, 0x21),
                             std::pair(0x04, 0x22), std::pair(0x2e, 0x82)}) {
    bmc->handlers[command] = next;
  }
  ScanReader reader(std::make_unique<FakeTransport>(bmc), 1'000'000'000, "known");
  const StopSignal stop;
  const auto channels = reader.Open(stop);
  if (!channels.ok()) {
    if (channels.error().code == Code::kOk || channels.error().message.empty()) abort();
    return 0;
  }
  for (const ChannelInfo& channel : channels.value()) {
    for (const auto& [key, value] : channel.attributes) {
      if (std::ranges::any_of(value, [](char byte) { return byte < 0x20 || byte > 0x7e; })) abort();
      if (key == "record" && (value.size() % 2 != 0 || value.size() < 10)) abort();
    }
  }
  return 0;
}
