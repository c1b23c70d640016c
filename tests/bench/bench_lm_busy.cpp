// What decoding keeps of its speed while other programs use the cores.
// dubito-bench-lm-busy [how much nicer decoding is]
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "bench.h"
#include "lm/generate/sampler.h"
#include "lm/model/decoder.h"
#include "run/run_spec.h"

using namespace dubito;
using namespace dubito::lm;
using bench::now;
using bench::row;

namespace {

int cores() {
    cpu_set_t set;
    return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/// Processes that do nothing but use a core each, between start() and stop().
class BusyProcesses {
public:
    /// They keep this process's nice value of now. Called before there are threads.
    explicit BusyProcesses(int count) {
        for (int i = 0; i < count; ++i) {
            const pid_t pid = ::fork();
            if (pid != 0) {
                m_pids.push_back(pid);
                continue;
            }
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::raise(SIGSTOP);
            for (volatile double x = 1;;) x = x * 1.0000001;
        }
        for (const pid_t pid : m_pids) ::waitpid(pid, nullptr, WUNTRACED);
    }
    ~BusyProcesses() {
        send(SIGKILL);
        for (const pid_t pid : m_pids) ::waitpid(pid, nullptr, 0);
    }
    BusyProcesses(const BusyProcesses&) = delete;
    BusyProcesses& operator=(const BusyProcesses&) = delete;
    void start() { send(SIGCONT); }
    void stop() { send(SIGSTOP); }

private:
    void send(int signal) {
        for (const pid_t pid : m_pids) ::kill(pid, signal);
    }
    std::vector<pid_t> m_pids;
};

/// Tokens a second over `seconds`, at contexts of a few hundred tokens.
double decodeFor(const Decoder& decoder, double seconds, KvCache& cache) {
    const ModelConfig& c = decoder.config();
    constexpr std::int64_t kShortest = 256;
    std::vector<float> logits(static_cast<std::size_t>(c.vocabulary));
    compute::Floats hidden(static_cast<std::size_t>(c.width));
    TokenId next = 504;
    int done = 0;
    const double start = now();
    for (; now() - start < seconds; ++done) {
        if (cache.lengthOf(0) == cache.capacity()) cache.truncate(kShortest);
        (void)decoder.embed({&next, 1}, hidden.data());
        (void)decoder.forward(hidden.data(), 1, 1, 1, c.layers, &cache, {}, nullptr);
        decoder.readout(hidden.data(), 1, logits.data());
        next = sampleToken(logits.data(), c.vocabulary, c.vocabulary, {}, {}, 0);
    }
    return done / (now() - start);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
    const int n = cores(), niceness = argc > 1 ? std::atoi(argv[1]) : 0;
    BusyProcesses busy(n);
    errno = 0;
    if (niceness != 0 && ::nice(niceness) == -1 && errno != 0) return 1;
    auto file = GgufFile::open(run::packagedModel());
    auto decoder =
        file ? Decoder::load(*file, n, WeightForm::Quantised) : Result<std::shared_ptr<Decoder>>(file.error());
    if (!decoder) return std::fprintf(stderr, "bench: no model\n"), 1;
    KvCache cache((*decoder)->config(), 384, (*decoder)->kvPrecision());
    (void)decodeFor(**decoder, 2, cache);
    std::vector<double> alone, beside;
    for (int i = 0; i < 5; ++i) {
        (void)decodeFor(**decoder, 1.5, cache);  // what the busy time has taught the team is outdated
        alone.push_back(decodeFor(**decoder, 1, cache));
        busy.start();
        beside.push_back(decodeFor(**decoder, 2, cache));
        busy.stop();
    }
    // A nice value weighs a fifth less a step; threads and busy processes are equally many.
    double weight = 1;
    for (int i = 0; i < niceness; ++i) weight /= 1.25;
    const double fair = weight / (1 + weight);
    const std::string what = niceness ? "lm: decode at nice " + std::to_string(niceness) : "lm: decode";
    row(what + " beside as many busy processes as cores", median(beside), "tokens/s", std::string("for information"));
    row(what + ", share kept (half of what is fair)", median(beside) / median(alone), "ratio", fair / 2, false);
    return 0;
}
