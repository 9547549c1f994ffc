// The folder as one translation unit: what its files include takes the compiler longer than what they say.
#include "nvml/field_value.cc"
#include "nvml/nvml_code.cc"
#include "nvml/nvml_library.cc"
#include "nvml/nvml_probe.cc"
#include "nvml/nvml_reader.cc"
#include "nvml/nvml_session.cc"
#include "nvml/nvml_source.cc"
