#pragma once

#include <cstdint>

#include "core/result.h"
#include "nvml/nvml_types.h"

namespace wattledger {

// A question to nvmlDeviceGetFieldValues(). It starts out as failed, so that a driver which leaves it
// untouched has not answered 0.
NvmlFieldValue FieldQuestion(unsigned field_id, unsigned scope_id);

// The number in an answer: nvmlDeviceGetFieldValues() succeeds as a call even when each of its values failed.
// The error's detail is the value's own nvmlReturn; kCorrupt for what is no unsigned number, or the answer to
// something else.
Result<uint64_t> ParseFieldValue(const NvmlFieldValue& answer, unsigned field_id, unsigned scope_id);

}  // namespace wattledger
