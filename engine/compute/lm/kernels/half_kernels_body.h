// One body for both levels; the including file gives a namespace, the type `Lanes` of eight floats and conversions of
// one value.
void toHalves(const float* in, std::int64_t n, std::uint16_t* out) {
    std::int64_t i = 0;
    for (; i + 8 <= n; i += 8) Lanes::at(in + i).toHalves(out + i);
    for (; i < n; ++i) out[i] = halfOf(in[i]);
}
void fromHalves(const std::uint16_t* in, std::int64_t n, float* out) {
    std::int64_t i = 0;
    for (; i + 8 <= n; i += 8) Lanes::at(in + i).to(out + i);
    for (; i < n; ++i) out[i] = valueOf(in[i]);
}
template <class Element>
void dotsOf(const float* query, const Element* keys, std::int64_t n, std::int64_t width, float* out) {
    const std::int64_t whole = width / 8 * 8;
    // Four keys side by side hide each other's latency.
    const auto rest = [&](const Element* key, float sum) {
        for (std::int64_t i = whole; i < width; ++i) sum = __builtin_fmaf(query[i], valueOf(key[i]), sum);
        return sum;
    };
    std::int64_t j = 0;
    for (; j + 4 <= n; j += 4) {
        const Element* key = keys + j * width;
        Lanes sums[4];
        for (std::int64_t i = 0; i < whole; i += 8) {
            const Lanes q = Lanes::at(query + i);
            for (int k = 0; k < 4; ++k) sums[k].add(q, Lanes::at(key + k * width + i));
        }
        for (int k = 0; k < 4; ++k) out[j + k] = rest(key + k * width, sums[k].sum());
    }
    for (; j < n; ++j) {
        Lanes sum;
        for (std::int64_t i = 0; i < whole; i += 8) sum.add(Lanes::at(query + i), Lanes::at(keys + j * width + i));
        out[j] = rest(keys + j * width, sum.sum());
    }
}
template <class Element>
void addOf(const float* weights, const Element* values, std::int64_t n, std::int64_t width, float* out) {
    std::int64_t i = 0;
    for (; i + 32 <= width; i += 32) {
        Lanes sums[4];
        for (int k = 0; k < 4; ++k) sums[k] = Lanes::at(out + i + 8 * k);
        for (std::int64_t j = 0; j < n; ++j) {
            const Lanes w = Lanes::all(weights[j]);
            for (int k = 0; k < 4; ++k) sums[k].add(w, Lanes::at(values + j * width + i + 8 * k));
        }
        for (int k = 0; k < 4; ++k) sums[k].to(out + i + 8 * k);
    }
    for (; i < width; ++i)
        for (std::int64_t j = 0; j < n; ++j)
            out[i] = __builtin_fmaf(weights[j], valueOf(values[j * width + i]), out[i]);
}
