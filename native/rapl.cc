// The folder as one translation unit: what its files include takes the compiler longer than what they say.
#include "rapl/group_read.cc"
#include "rapl/msr_reader.cc"
#include "rapl/perf_group.cc"
#include "rapl/perf_reader.cc"
