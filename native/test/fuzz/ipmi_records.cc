#include <cstdint>
#include <cstdlib>

#include "ipmi/repository.h"
#include "ipmi_fake_bmc.h"

// A BMC whose every answer is the next piece of the input: reading its records ends, whatever it says, and
// every record that comes of it is as long as its header says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wattledger;
  using namespace wattledger::ipmi;
  auto bmc = std::make_shared<FakeBmc>();
  Session session(std::make_unique<FakeTransport>(bmc), 1'000'000'000);
  const StopSignal stop;
  if (!session.Connect(stop).ok()) abort();

  size_t at = 0;
  const auto next = [&](const Request& request) -> Result<Bytes> {
    if (at >= size) return Bytes{0xc1};
    // The first byte of a piece says how long it is; 0xff stands for an answer of the length that was asked
    // for.
    const size_t asked = request.data.size() == 6 ? request.data[5] + 3 : 3;
    const size_t wanted = data[at] == 0xff ? asked : data[at] % 24;
    ++at;
    const size_t length = std::min(wanted, size - at);
    Bytes response(data + at, data + at + length);
    at += length;
    if (response.empty()) response.push_back(0x00);
    return response;
  };
  for (const auto command : {std::pair(0x0a, 0x22), std::pair(0x0a, 0x23)}) bmc->handlers[command] = next;
  const auto records = ReadRecords(session, Repository::Kind::kMain, stop);
  if (!records.ok()) return 0;
  for (const Bytes& record : records.value()) {
    if (record.size() < 5 || record.size() != size_t{5} + record[4]) abort();
  }
  return 0;
}
