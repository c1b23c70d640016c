// SQLite on a bad day: a file system and an allocator that fail at the n-th call. Put in place before SQLite starts.
#pragma once

#include <sqlite3.h>

#include <cstring>
#include <string_view>

namespace dubito::tests {

struct Faults {
    enum class Kind { None, Write, Sync, Read, Memory };
    Kind kind = Kind::None;
    int code = SQLITE_OK;   ///< what the n-th call and, when isLasting, all later ones answer
    long at = 0, seen = 0;  ///< counted from 1
    bool isLasting = false;
    bool hasHit = false;

    void arm(Kind what, int answer, long n, bool lasting) { *this = {what, answer, n, 0, lasting, false}; }
    void disarm() { kind = Kind::None; }
    bool strikes(Kind what) {
        if (kind != what || ++seen < at || (seen > at && !isLasting)) return false;
        return hasHit = true;
    }
};
inline Faults g_faults;

namespace faulty {

struct File {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
inline File* own(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
inline sqlite3_vfs* g_real = nullptr;
inline sqlite3_io_methods g_methods;
inline sqlite3_mem_methods g_memory;

inline int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
    if (g_faults.strikes(Faults::Kind::Read)) return g_faults.code;
    return own(f)->real()->pMethods->xRead(own(f)->real(), to, n, at);
}
inline int write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
    if (g_faults.strikes(Faults::Kind::Write)) return g_faults.code;
    return own(f)->real()->pMethods->xWrite(own(f)->real(), from, n, at);
}
inline int sync(sqlite3_file* f, int flags) {
    if (g_faults.strikes(Faults::Kind::Sync)) return g_faults.code;
    return own(f)->real()->pMethods->xSync(own(f)->real(), flags);
}
#define DUBITO_PASS(name, parameters, arguments) \
    inline int name parameters { return own(f)->real()->pMethods->x##name arguments; }
DUBITO_PASS(Truncate, (sqlite3_file * f, sqlite3_int64 n), (own(f)->real(), n))
DUBITO_PASS(FileSize, (sqlite3_file * f, sqlite3_int64* n), (own(f)->real(), n))
DUBITO_PASS(Lock, (sqlite3_file * f, int kind), (own(f)->real(), kind))
DUBITO_PASS(Unlock, (sqlite3_file * f, int kind), (own(f)->real(), kind))
DUBITO_PASS(CheckReservedLock, (sqlite3_file * f, int* out), (own(f)->real(), out))
DUBITO_PASS(FileControl, (sqlite3_file * f, int what, void* with), (own(f)->real(), what, with))
DUBITO_PASS(SectorSize, (sqlite3_file * f), (own(f)->real()))
DUBITO_PASS(DeviceCharacteristics, (sqlite3_file * f), (own(f)->real()))
DUBITO_PASS(ShmMap, (sqlite3_file * f, int a, int b, int c, void volatile** d), (own(f)->real(), a, b, c, d))
DUBITO_PASS(ShmLock, (sqlite3_file * f, int a, int b, int c), (own(f)->real(), a, b, c))
DUBITO_PASS(ShmUnmap, (sqlite3_file * f, int drop), (own(f)->real(), drop))
#undef DUBITO_PASS
inline void shmBarrier(sqlite3_file* f) { own(f)->real()->pMethods->xShmBarrier(own(f)->real()); }
inline int close(sqlite3_file* f) { return own(f)->real()->pMethods->xClose(own(f)->real()); }

inline int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* outFlags) {
    f->pMethods = nullptr;
    const int code = g_real->xOpen(g_real, name, own(f)->real(), flags, outFlags);
    if (code == SQLITE_OK) f->pMethods = &g_methods;
    return code;
}
inline void* allocate(int bytes) { return g_faults.strikes(Faults::Kind::Memory) ? nullptr : g_memory.xMalloc(bytes); }
inline void* reallocate(void* old, int bytes) {
    return g_faults.strikes(Faults::Kind::Memory) ? nullptr : g_memory.xRealloc(old, bytes);
}

}  // namespace faulty

/// Once, before the first connection of the process.
inline void installFaultySqlite() {
    using namespace faulty;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &g_memory);
    static sqlite3_mem_methods memory = g_memory;
    memory.xMalloc = allocate;
    memory.xRealloc = reallocate;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
    g_real = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *g_real;
    vfs.zName = "faulty";
    vfs.szOsFile = static_cast<int>(sizeof(File)) + g_real->szOsFile;
    vfs.xOpen = faulty::open;
    g_methods = {2, close, read, write, Truncate, sync, FileSize, Lock, Unlock, CheckReservedLock, FileControl,
        SectorSize, DeviceCharacteristics, ShmMap, ShmLock, shmBarrier, ShmUnmap, nullptr, nullptr};
    sqlite3_vfs_register(&vfs, 1);
}

}  // namespace dubito::tests
