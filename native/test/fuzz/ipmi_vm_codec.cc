#include <cstdint>
#include <cstdlib>

#include "ipmi/vm_codec.h"

// Any stream of bytes: no frame is longer than a message may be, and what is decoded is what encoding it
// again gives.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using wattledger::ipmi::VmDecoder;
  VmDecoder decoder;
  for (size_t i = 0; i < size; ++i) {
    const auto message = decoder.Feed(data[i]);
    if (!message) continue;
    if (message->data.size() > 272) abort();
    VmDecoder again;
    std::optional<wattledger::ipmi::VmMessage> same;
    for (const uint8_t byte : EncodeVm(*message)) same = again.Feed(byte);
    if (!same || same->seq != message->seq || same->netfn != message->netfn || same->lun != message->lun ||
        same->cmd != message->cmd || same->data != message->data) {
      abort();
    }
  }
  return 0;
}
