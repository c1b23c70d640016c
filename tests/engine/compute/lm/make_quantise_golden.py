# Makes quantise_golden.h: bytes that the reference writer of the format (PyPI gguf 0.19.0, MIT) gives for 64 numbers.
# usage: python3 make_quantise_golden.py > quantise_golden.h
import numpy as np
from gguf import quants, GGMLQuantizationType as T

rng = np.random.default_rng(7)
x = (rng.standard_normal(64) * np.exp(rng.standard_normal(64))).astype(np.float32)
print("// Bytes of the format's reference writer for the same 64 numbers; made by make_quantise_golden.py.\n#pragma once\n\n#include <array>\n#include <cstdint>\n#include <vector>\n")
print("struct QuantiseGolden {\n    std::uint32_t type;\n    std::vector<std::uint8_t> bytes;\n};")
print("inline const std::vector<float> kQuantiseInput = {%s};" % ", ".join(float(v).hex() + "f" for v in x))
print("inline const std::vector<QuantiseGolden> kQuantiseGolden = {")
for t in (T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0, T.BF16, T.F16):
    b = x.astype(np.float16).tobytes() if t == T.F16 else quants.quantize(x, t).tobytes()
    print("    {%d, {%s}}," % (t.value, ", ".join(str(v) for v in b)))
print("};")
