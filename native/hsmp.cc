// The folder as one translation unit: what its files include takes the compiler longer than what they say.
#include "hsmp/hsmp_port.cc"
#include "hsmp/hsmp_reader.cc"
