#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "nvml/field_value.h"
#include "nvml/nvml_types.h"

// Any 40 bytes that a driver could hand over. A number comes out only of a success of the field that was
// asked, of a known type; and a UINT never exceeds its width.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wattledger;
  NvmlFieldValue answer = FieldQuestion(kNvmlFieldPowerInstant, kNvmlScopeGpu);
  // The first byte decides how much of the question the driver overwrote.
  if (size == 0) return 0;
  const size_t offset = data[0] % 2 == 0 ? 0 : offsetof(NvmlFieldValue, value_type);
  std::memcpy(reinterpret_cast<char*>(&answer) + offset, data + 1,
              std::min(size - 1, sizeof answer - offset));
  const auto parsed = ParseFieldValue(answer, kNvmlFieldPowerInstant, kNvmlScopeGpu);
  if (!parsed.ok()) {
    if (parsed.error().code == Code::kOk) std::abort();
    return 0;
  }
  if (answer.field_id != kNvmlFieldPowerInstant || answer.scope_id != kNvmlScopeGpu) std::abort();
  if (answer.nvml_return != kNvmlSuccess || answer.value_type < kNvmlDouble) std::abort();
  if (answer.value_type > kNvmlUnsignedShort) std::abort();
  if (answer.value_type == kNvmlUnsignedInt && parsed.value() > UINT32_MAX) std::abort();
  if (answer.value_type == kNvmlUnsignedShort && parsed.value() > UINT16_MAX) std::abort();
  return 0;
}
