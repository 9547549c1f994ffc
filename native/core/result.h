#pragma once

#include <string>
#include <utility>
#include <variant>

namespace wattledger {

// The error classes; the numbers cross the boundary to src/native/addon.ts.
enum class Code : unsigned { kOk = 0, kAbsent, kPermission, kTransient, kTimeout, kCorrupt, kClosed };

struct Error {
  Code code = Code::kTransient;
  int detail = 0;  // errno, nvmlReturn_t or IPMI completion code, as the reader documents
  std::string message;
};

// A value or the reason why there is none. The core never throws for an expected failure.
template <typename T>
class Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<T>(state_); }
  T& value() { return std::get<T>(state_); }
  const T& value() const { return std::get<T>(state_); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

// ENOENT, ENODEV and ENXIO mean that the thing is not there, EACCES and EPERM that we may not; all else may pass.
Code CodeOfErrno(int error_number);

}  // namespace wattledger
