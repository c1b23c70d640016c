"""Makes quant_golden.h: random blocks of every type and their values as the PyPI package gguf (0.19.0) dequantises them."""
import numpy as np
import gguf
from gguf.quants import dequantize

rng = np.random.default_rng(7)
halves = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "F16": [0], "BF16": []}
print("// Made by make_quant_golden.py from the PyPI package gguf 0.19.0; an independent reader of the same formats.")
print("#pragma once\n\n#include <cstdint>\n#include <vector>\n\nstruct QuantGolden {\n    std::uint32_t type;\n    std::vector<std::uint8_t> bytes;\n    std::vector<float> values;\n};\n")
print("inline const std::vector<QuantGolden> kQuantGolden = {")
for name, places in halves.items():
    kind = getattr(gguf.GGMLQuantizationType, name)
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    raw = rng.integers(0, 256, size=size, dtype=np.uint8)
    for place in places:
        raw[place:place + 2] = np.frombuffer(np.float16(rng.uniform(-0.5, 0.5)).tobytes(), np.uint8)
    if name == "BF16":
        raw[:] = np.frombuffer(np.uint16(0xBFC1).tobytes(), np.uint8)
    values = dequantize(raw.reshape(1, -1), kind).reshape(-1).astype(np.float32)
    print("    {%d, {%s}, {%s}}," % (int(kind), ", ".join(map(str, raw)), ", ".join("%.9gf" % v if "." in "%.9g" % v or "e" in "%.9g" % v else "%.9g.0f" % v for v in values)))
print("};")
