// Warm-up first, then the kind's own curve over what is left.
#include "nn/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace dubito::nn {

double Schedule::at(std::int64_t step) const {
    const double total = static_cast<double>(std::max<std::int64_t>(steps, 1)),
                 up = std::round(warmup < 1 ? warmup * total : warmup), now = static_cast<double>(step);
    if (now < up) return peak * (now + 1) / up;
    const double rest = std::max(1.0, total - up), share = std::clamp((now - up) / rest, 0.0, 1.0);
    switch (kind) {
        case ScheduleKind::Constant: return peak;
        case ScheduleKind::Linear: return peak * (minRatio + (1 - minRatio) * (1 - share));
        case ScheduleKind::Cosine:
            return peak * (minRatio + (1 - minRatio) * 0.5 * (1 + std::cos(std::numbers::pi * share)));
        case ScheduleKind::Wsd: return share < 0.9 ? peak : peak * (minRatio + (1 - minRatio) * (1 - share) / 0.1);
    }
    return peak;
}

}  // namespace dubito::nn
