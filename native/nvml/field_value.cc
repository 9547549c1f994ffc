#include "nvml/field_value.h"

#include <cmath>
#include <cstring>

#include "nvml/nvml_code.h"

namespace wattledger {
namespace {

template <typename T>
T ValueAs(const NvmlFieldValue& answer) {
  T value;
  std::memcpy(&value, answer.value, sizeof value);
  return value;
}

Result<uint64_t> Corrupt() { return Error{Code::kCorrupt, kNvmlSuccess, {}}; }

Result<uint64_t> NotNegative(int64_t value) {
  if (value < 0) return Corrupt();
  return static_cast<uint64_t>(value);
}

Result<uint64_t> FromDouble(double value) {
  constexpr double kTwoTo64 = 18446744073709551616.0;
  if (!(value >= 0) || value >= kTwoTo64) return Corrupt();  // a NaN is not >= 0
  return static_cast<uint64_t>(value);
}

}  // namespace

NvmlFieldValue FieldQuestion(unsigned field_id, unsigned scope_id) {
  NvmlFieldValue question{};
  question.field_id = field_id;
  question.scope_id = scope_id;
  question.nvml_return = kNvmlUnknown;
  return question;
}

Result<uint64_t> ParseFieldValue(const NvmlFieldValue& answer, unsigned field_id, unsigned scope_id) {
  if (answer.field_id != field_id || answer.scope_id != scope_id) return Corrupt();
  if (answer.nvml_return != kNvmlSuccess)
    return Error{CodeOfNvml(answer.nvml_return), answer.nvml_return, {}};
  switch (answer.value_type) {
    case kNvmlDouble:
      return FromDouble(ValueAs<double>(answer));
    case kNvmlUnsignedInt:
      return uint64_t{ValueAs<uint32_t>(answer)};
    case kNvmlUnsignedLong:
    case kNvmlUnsignedLongLong:
      return ValueAs<uint64_t>(answer);
    case kNvmlSignedLongLong:
      return NotNegative(ValueAs<int64_t>(answer));
    case kNvmlSignedInt:
      return NotNegative(ValueAs<int32_t>(answer));
    case kNvmlUnsignedShort:
      return uint64_t{ValueAs<uint16_t>(answer)};
    default:
      return Corrupt();
  }
}

}  // namespace wattledger
