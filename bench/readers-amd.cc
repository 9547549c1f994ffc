// What one pass of the readers of AMD's hardware costs beside the bare calls, in the same run. Argument: a table of
// gpu_metrics 1.3. Prints lines of "NAME READER_NS BARE_NS".
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "core/clock.h"
#include "files/words_reader.h"
#include "hsmp/hsmp_reader.h"

namespace wattledger {
namespace {

constexpr int kRounds = 201;
constexpr int kPassesPerRound = 200;

double MeanNs(const std::function<void()>& pass) {
  const int64_t start = MonotonicNs();
  for (int i = 0; i < kPassesPerRound; ++i) pass();
  return static_cast<double>(MonotonicNs() - start) / kPassesPerRound;
}

double Median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Rounds of both take turns, so that a busy machine slows both.
void Compare(const char* name, Reader& reader, const std::function<void()>& bare) {
  StopSignal stop;
  const auto opened = reader.Open(stop);
  if (!opened.ok()) return;
  std::vector<Reading> readings(opened.value().size());
  std::vector<double> reader_ns, bare_ns;
  for (int round = 0; round < kRounds; ++round) {
    reader_ns.push_back(MeanNs([&] { reader.Read(readings, stop); }));
    bare_ns.push_back(MeanNs(bare));
  }
  for (const auto& reading : readings) {
    if (reading.code != Code::kOk) return;
  }
  std::printf("%s %.0f %.0f\n", name, Median(reader_ns), Median(bare_ns));
}

// A call of the kernel that fails at once, and then the answer of one socket: a real answer takes the firmware a
// millisecond.
int Mailbox(int fd, unsigned long command, void* argument) {
  ioctl(fd, command, argument);
  auto& message = *static_cast<HsmpMessage*>(argument);
  message.arguments[0] = 200'000;
  errno = ENODEV;
  return message.socket == 0 && message.id < 0x30 ? 0 : -1;
}

void CompareAll(const char* table) {
  WordsReader words(table, {{1, 3, {{22, 2}, {24, 8}}}});
  const int fd = open(table, O_RDONLY | O_CLOEXEC);
  std::array<unsigned char, 32> bytes;
  Compare("words", words, [&] { (void)!pread(fd, bytes.data(), bytes.size(), 0); });
  close(fd);

  HsmpReader hsmp(std::make_unique<HsmpDevice>("/dev/null", Mailbox));
  const int device = open("/dev/null", O_RDONLY | O_CLOEXEC);
  Compare("hsmp", hsmp, [&] {
    HsmpMessage message = HsmpMessageOf(HsmpQuestion::kSocketPower, 0);
    Mailbox(device, kHsmpIoctl, &message);
  });
  close(device);
}

}  // namespace
}  // namespace wattledger

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  wattledger::CompareAll(argv[1]);
  return 0;
}
