#!/bin/bash
# pack.sh BUILD OUT: the programs of label gpu and the bench with every library they need but LibTorch and the driver, so
# that they run on a machine that has a GPU and a Python package torch of the same version. There: OUT/run.sh
set -euo pipefail
build=$(realpath "$1") out=$2
mkdir -p "$out/bin" "$out/lib"
for program in "$build"/tests/tst_*_gpu "$build"/bin/dubito-bench-learning "$build"/bin/dubito-bench-lm-device; do
    [ -f "$program" ] || continue
    cp -f "$program" "$out/bin/"
    cp -f "$build/lib/libdubito_compute.so" "$out/lib/"
    { ldd "$program"; ldd "$build/lib/libdubito_compute.so"; } | awk '$2 == "=>" && $3 ~ /^\// {print $3}' | sort -u |
        grep -v -E '/torch/lib/|/nvidia/|libcuda|libdubito_compute' | while read -r library; do
            cp -Lf "$library" "$out/lib/"
        done
done
cp -Lf /lib64/ld-linux-x86-64.so.2 "$out/lib/"
# The loader brings all of its own C library: what the driver asks for must not come from another version.
for library in libc.so.6 libm.so.6 libdl.so.2 librt.so.1 libpthread.so.0 libutil.so.1 libresolv.so.2; do
    cp -Lf "/lib/x86_64-linux-gnu/$library" "$out/lib/"
done
strip --strip-debug "$out"/bin/* "$out"/lib/libdubito_compute.so
cat >"$out/run.sh" <<'END'
#!/bin/bash
# run.sh [PROGRAM ARGUMENTS...]: without arguments all tests of label gpu, then the bench.
here=$(cd "$(dirname "$0")" && pwd)
torch=$(python3 -c 'import torch, os; print(os.path.dirname(torch.__file__))') || exit 1
nvidia=$(python3 -c 'import torch, os, glob; print(":".join(glob.glob(os.path.join(os.path.dirname(os.path.dirname(torch.__file__)), "nvidia", "*", "lib"))))')
driver=$(dirname "$(ldconfig -p | awk '/libcuda.so.1 / {print $NF; exit}')")
export QTEST_FUNCTION_TIMEOUT=600000 QT_LOGGING_RULES='*.info=true'
start() {
    "$here/lib/ld-linux-x86-64.so.2" --library-path "$here/lib:$torch/lib:$nvidia:$driver:/usr/lib/x86_64-linux-gnu" "$here/bin/$1" "${@:2}"
}
if [ $# -gt 0 ]; then
    start "$@"
    exit
fi
failed=0
for test in "$here"/bin/tst_*_gpu; do start "$(basename "$test")" || failed=1; done
start dubito-bench-learning --device cuda 16 1024 || failed=1
exit $failed
END
chmod +x "$out/run.sh"
du -sh "$out"
