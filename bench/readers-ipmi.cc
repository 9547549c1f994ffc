// What one DCMI reading costs through the reader beside the bare exchange of bytes over a socket, with the
// same BMC. Arguments: the port of its VM codec on 127.0.0.1, and its identity. Prints a line "NAME READER_NS BARE_NS".
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "bench/readers.h"
#include "ipmi/ipmi_reader.h"
#include "ipmi/vm_transport.h"

namespace {

using namespace wattledger;

constexpr int kBlocks = 8;
constexpr int kReadingsPerBlock = 500;
constexpr int64_t kDeadlineNs = 5'000'000'000;

using Durations = std::vector<int64_t>;

// As a C program without care would do it: a request made ready, and bytes read up to the end mark.
void MeasureBare(uint16_t port, Durations& durations) {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
  // Sequence number 1, netfn 2c, command 02, "dc 01 00 00", and what makes the sum 0.
  constexpr uint8_t kRequest[] = {0x01, 0xb0, 0x02, 0xdc, 0x01, 0x00, 0x00, 0x70, 0xa0};
  uint8_t answer[256];
  for (int i = 0; i < kReadingsPerBlock; ++i) {
    const int64_t start_ns = MonotonicNs();
    if (write(fd.get(), kRequest, sizeof kRequest) < 0) std::exit(1);
    ssize_t length = 0;
    do {
      length = read(fd.get(), answer, sizeof answer);
      if (length <= 0) std::exit(1);
    } while (answer[length - 1] != 0xa0);
    durations.push_back(MonotonicNs() - start_ns);
  }
  // The simulator serves one connection at a time: the next one waits until it saw the end of this one.
  shutdown(fd.get(), SHUT_WR);
  while (read(fd.get(), answer, sizeof answer) > 0) {
  }
}

void MeasureReader(uint16_t port, const char* identity, Durations& durations) {
  ipmi::IpmiReader reader(std::make_unique<ipmi::VmTransport>("127.0.0.1", port), kDeadlineNs,
                          {.sources = {{}}, .absent = {}, .identity = identity, .stamp = ""});
  const StopSignal stop;
  if (!reader.Open(stop).ok()) std::exit(1);
  std::vector<Reading> readings(1);
  for (int i = 0; i < kReadingsPerBlock; ++i) {
    const int64_t start_ns = MonotonicNs();
    reader.Read(readings, stop);
    durations.push_back(MonotonicNs() - start_ns);
    if (readings[0].code != Code::kOk) std::exit(1);
  }
  reader.Close();
}

}  // namespace

int main(int, char** arguments) {
  const auto port = static_cast<uint16_t>(std::atoi(arguments[1]));
  Durations reader, bare;
  // In turns, so that a busy machine slows both.
  for (int block = 0; block < kBlocks; ++block) {
    MeasureBare(port, bare);
    MeasureReader(port, arguments[2], reader);
  }
  std::printf("ipmi %lld %lld\n", static_cast<long long>(Median(reader)), static_cast<long long>(Median(bare)));
}
