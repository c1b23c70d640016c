// Columns of steps, times and values, each in the cheapest exact form, then zstd.
#include "store/series_codec.h"

#include <zstd.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace dubito::store {
namespace {

constexpr std::size_t kMaxPoints = 1 << 20;

/// In µs; times come from strangers, so the difference of two may be larger than an int64 holds.
std::uint64_t sinceFirst(const Points& points, std::size_t first, std::size_t at) {
    return static_cast<std::uint64_t>(points.timesUs[at]) - static_cast<std::uint64_t>(points.timesUs[first]);
}

}  // namespace

Bytes encodePoints(const Points& points, std::size_t first, std::size_t last) {
    const std::size_t n = last - first;
    bool even = n >= 1, shortTimes = true, narrow = true;
    const std::int64_t stride = n >= 2 ? static_cast<std::int64_t>(static_cast<std::uint64_t>(points.steps[first + 1]) -
                                                                   static_cast<std::uint64_t>(points.steps[first]))
                                       : 0;
    for (std::size_t i = first; i < last; ++i) {
        if (i > first && static_cast<std::int64_t>(static_cast<std::uint64_t>(points.steps[i]) -
                                                   static_cast<std::uint64_t>(points.steps[i - 1])) != stride)
            even = false;
        if (points.timesUs[i] < points.timesUs[first] || sinceFirst(points, first, i) / 1000 > 0xFFFFFFFFull)
            shortTimes = false;
        const float value = static_cast<float>(points.values[i]);
        const double back = value;
        if (std::memcmp(&back, &points.values[i], 8) != 0) narrow = false;
    }
    Bytes body;
    body.reserve(n * 20 + 32);
    if (even) {
        append(body, points.steps[first]);
        append(body, stride);
    } else {
        for (std::size_t i = first; i < last; ++i) append(body, points.steps[i]);
    }
    if (shortTimes) {
        append(body, n ? points.timesUs[first] : std::int64_t{0});
        for (std::size_t i = first; i < last; ++i)
            append(body, static_cast<std::uint32_t>(sinceFirst(points, first, i) / 1000));
    } else {
        for (std::size_t i = first; i < last; ++i) append(body, points.timesUs[i]);
    }
    for (std::size_t i = first; i < last; ++i) {
        if (narrow) append(body, static_cast<float>(points.values[i]));
        else append(body, points.values[i]);
    }
    Bytes out = {1, std::uint8_t(even ? 1 : 0), std::uint8_t(shortTimes ? 1 : 0), std::uint8_t(narrow ? 1 : 0)};
    append(out, static_cast<std::uint32_t>(n));
    Bytes packed;
    if (body.size() >= 512) {
        packed.resize(ZSTD_compressBound(body.size()));
        const std::size_t bytes = ZSTD_compress(packed.data(), packed.size(), body.data(), body.size(), 1);
        packed.resize(ZSTD_isError(bytes) ? 0 : bytes);
    }
    const bool usePacked = !packed.empty() && packed.size() < body.size() - body.size() / 10;
    append(out, std::uint32_t(usePacked ? 1 : 0));
    append(out, static_cast<std::uint32_t>(body.size()));
    append(out, usePacked ? ByteSpan(packed) : ByteSpan(body));
    return out;
}

Result<void> decodePoints(ByteSpan bytes, Points& out) {
    const auto corrupt = [](const char* what) {
        return Error(Code::CorruptData, std::string("metric chunk: ") + what);
    };
    ByteReader head(bytes);
    const auto version = head.get<std::uint8_t>(), stepCodec = head.get<std::uint8_t>(),
               timeCodec = head.get<std::uint8_t>(), valueCodec = head.get<std::uint8_t>();
    const std::size_t n = head.get<std::uint32_t>();
    const auto packed = head.get<std::uint32_t>() & 0xFF;
    const std::size_t bodyBytes = head.get<std::uint32_t>();
    if (!head.ok() || version != 1 || stepCodec > 1 || timeCodec > 1 || valueCodec > 1 || packed > 1)
        return corrupt("unknown header");
    if (n > kMaxPoints) return corrupt("more points than a chunk holds");
    const std::size_t expected = (stepCodec ? 16 : n * 8) + (timeCodec ? 8 + n * 4 : n * 8) + n * (valueCodec ? 4 : 8);
    if (bodyBytes != expected) return corrupt("lengths do not agree");
    ByteSpan body = head.span(head.left());
    Bytes unpacked;
    if (packed) {
        unpacked.resize(bodyBytes);
        const std::size_t got = ZSTD_decompress(unpacked.data(), unpacked.size(), body.data(), body.size());
        if (ZSTD_isError(got) || got != bodyBytes) return corrupt("does not unpack");
        body = unpacked;
    }
    if (body.size() != bodyBytes) return corrupt("cut short");
    ByteReader in(body);
    const std::size_t start = out.size();
    out.steps.resize(start + n);
    out.timesUs.resize(start + n);
    out.values.resize(start + n);
    if (stepCodec) {
        const auto first = in.get<std::uint64_t>(), stride = in.get<std::uint64_t>();
        for (std::size_t i = 0; i < n; ++i) out.steps[start + i] = static_cast<std::int64_t>(first + i * stride);
    } else {
        for (std::size_t i = 0; i < n; ++i) out.steps[start + i] = in.get<std::int64_t>();
    }
    if (timeCodec) {
        const auto first = in.get<std::uint64_t>();
        for (std::size_t i = 0; i < n; ++i)
            out.timesUs[start + i] = static_cast<std::int64_t>(first + std::uint64_t{in.get<std::uint32_t>()} * 1000);
    } else {
        for (std::size_t i = 0; i < n; ++i) out.timesUs[start + i] = in.get<std::int64_t>();
    }
    for (std::size_t i = 0; i < n; ++i)
        out.values[start + i] = valueCodec ? static_cast<double>(in.get<float>()) : in.get<double>();
    return {};
}

void Summary::add(std::int64_t step, std::int64_t timeUs, double value) {
    if (n == 0) {
        stepFirst = step;
        usFirst = timeUs;
    }
    stepLast = step;
    usLast = timeUs;
    const bool wasFinite = hasFinite();
    ++n;
    if (!std::isfinite(value)) {
        ++nanCount;
        return;
    }
    if (!wasFinite) {
        first = min = max = value;
        minStep = maxStep = step;
    }
    last = value;
    addToSum(value);
    if (value < min) min = value, minStep = step;
    if (value > max) max = value, maxStep = step;
}

void Summary::merge(const Summary& later) {
    if (later.n == 0) return;
    if (n == 0) {
        *this = later;
        return;
    }
    const bool here = hasFinite(), there = later.hasFinite();
    n += later.n;
    nanCount += later.nanCount;
    stepLast = later.stepLast;
    usLast = later.usLast;
    if (!there) return;
    if (!here) {
        first = later.first;
        min = later.min, minStep = later.minStep;
        max = later.max, maxStep = later.maxStep;
    }
    if (later.min < min) min = later.min, minStep = later.minStep;
    if (later.max > max) max = later.max, maxStep = later.maxStep;
    last = later.last;
    addToSum(later.sum);
    carry += later.carry;
}

void Summary::addToSum(double value) {
    const double before = sum;
    sum += value;
    if (!std::isfinite(sum)) carry = 0;
    else carry += std::abs(before) >= std::abs(value) ? (before - sum) + value : (value - sum) + before;
}

double Summary::mean() const {
    return hasFinite() ? total() / static_cast<double>(n - nanCount) : std::numeric_limits<double>::quiet_NaN();
}

Summary summarise(const Points& points, std::size_t first, std::size_t last) {
    Summary summary;
    for (std::size_t i = first; i < last; ++i) summary.add(points.steps[i], points.timesUs[i], points.values[i]);
    return summary;
}

}  // namespace dubito::store
