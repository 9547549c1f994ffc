#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "nvml/field_value.h"
#include "nvml/nvml_code.h"

namespace wattledger {
namespace {

constexpr unsigned kField = kNvmlFieldPowerInstant;

template <typename T>
NvmlFieldValue Answer(int value_type, T value, int nvml_return = kNvmlSuccess) {
  NvmlFieldValue answer = FieldQuestion(kField, kNvmlScopeGpu);
  answer.nvml_return = nvml_return;
  answer.value_type = value_type;
  std::memset(answer.value, 0xa5,
              sizeof answer.value);  // what a narrower value leaves of the union means nothing
  std::memcpy(answer.value, &value, sizeof value);
  return answer;
}

template <typename T>
uint64_t Number(int value_type, T value) {
  const auto parsed = ParseFieldValue(Answer(value_type, value), kField, kNvmlScopeGpu);
  EXPECT_TRUE(parsed.ok());
  return parsed.ok() ? parsed.value() : 0;
}

template <typename T>
Code Refusal(int value_type, T value) {
  const auto parsed = ParseFieldValue(Answer(value_type, value), kField, kNvmlScopeGpu);
  return parsed.ok() ? Code::kOk : parsed.error().code;
}

TEST(ParseFieldValue, ReadsEveryTypeAtItsWidth) {
  EXPECT_EQ(Number(kNvmlDouble, 250123.9), 250123u);
  EXPECT_EQ(Number(kNvmlUnsignedInt, uint32_t{4294967295}), 4294967295u);
  EXPECT_EQ(Number(kNvmlUnsignedLong, uint64_t{1} << 40), uint64_t{1} << 40);
  EXPECT_EQ(Number(kNvmlUnsignedLongLong, UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(Number(kNvmlSignedLongLong, INT64_MAX), static_cast<uint64_t>(INT64_MAX));
  EXPECT_EQ(Number(kNvmlSignedInt, int32_t{7}), 7u);
  EXPECT_EQ(Number(kNvmlUnsignedShort, uint16_t{65535}), 65535u);
}

TEST(ParseFieldValue, MakesNoNumberOutOfNone) {
  EXPECT_EQ(Refusal(kNvmlSignedInt, int32_t{-1}), Code::kCorrupt);
  EXPECT_EQ(Refusal(kNvmlSignedLongLong, INT64_MIN), Code::kCorrupt);
  for (const double value : {-0.5, std::nan(""), HUGE_VAL, 18446744073709551616.0}) {
    EXPECT_EQ(Refusal(kNvmlDouble, value), Code::kCorrupt) << value;
  }
  for (const int type : {-1, 7, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(Refusal(type, UINT64_MAX), Code::kCorrupt) << type;
  }
}

TEST(ParseFieldValue, TheValuesOwnCodeComesFirst) {
  const auto parsed = ParseFieldValue(Answer(kNvmlUnsignedInt, 1u, kNvmlNotSupported), kField, kNvmlScopeGpu);
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code, Code::kAbsent);
  EXPECT_EQ(parsed.error().detail, kNvmlNotSupported);
}

TEST(ParseFieldValue, AnUntouchedQuestionIsNoAnswerAndAnotherFieldsAnswerIsNone) {
  const auto untouched = ParseFieldValue(FieldQuestion(kField, kNvmlScopeGpu), kField, kNvmlScopeGpu);
  ASSERT_FALSE(untouched.ok());
  EXPECT_EQ(untouched.error().detail, kNvmlUnknown);
  const auto answer = Answer(kNvmlUnsignedInt, 1u);
  EXPECT_FALSE(ParseFieldValue(answer, kNvmlFieldPowerAverage, kNvmlScopeGpu).ok());
  EXPECT_FALSE(ParseFieldValue(answer, kField, kNvmlScopeModule).ok());
}

TEST(NvmlCode, ClassesAreDisjointWhereTheyMustBe) {
  EXPECT_EQ(CodeOfNvml(kNvmlSuccess), Code::kOk);
  for (const int code : {1, 2, 3, 4, 6, 9, 10, 12, 13, 15, 16, 17, 18, 21, 25, 28, 999, 1234, -1}) {
    EXPECT_NE(CodeOfNvml(code), Code::kOk) << code;
  }
  // What passes by itself neither ends a session nor makes a source unusable.
  for (const int code : {int{kNvmlTimeout}, int{kNvmlUnknown}, 1234}) {
    EXPECT_EQ(CodeOfNvml(code), Code::kTransient);
    EXPECT_FALSE(IsRefused(code) || NeedsNewSession(code)) << code;
  }
  for (const int code : {kNvmlGpuIsLost, kNvmlResetRequired, kNvmlUninitialized, kNvmlDriverNotLoaded}) {
    EXPECT_TRUE(NeedsNewSession(code)) << code;
    EXPECT_FALSE(IsRefused(code)) << code;
  }
}

}  // namespace
}  // namespace wattledger
