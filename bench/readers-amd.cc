// What one pass of the readers of AMD's hardware costs beside the bare calls, in the same run. Argument: a table of
// gpu_metrics 1.3. Prints lines of "NAME READER_NS BARE_NS".
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

#include "bench/readers.h"
#include "files/words_reader.h"
#include "hsmp/hsmp_reader.h"

namespace wattledger {
namespace {

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
