// Read-only and private: nothing is written back.
#include "lm/formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dubito::lm {

Result<std::shared_ptr<MappedFile>> MappedFile::open(const fs::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return Error(Code::NotFound, "the model file cannot be opened. File: " + path.string());
    struct stat status {};
    std::shared_ptr<MappedFile> out(new MappedFile());
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor);
        return Error(Code::Io, "this is no regular file. File: " + path.string());
    }
    out->m_size = static_cast<std::size_t>(status.st_size);
    if (out->m_size > 0) {
        void* address = ::mmap(nullptr, out->m_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (address == MAP_FAILED) {
            ::close(descriptor);
            return Error(Code::Io, "the model file cannot be mapped. File: " + path.string());
        }
        out->m_address = address;
    }
    ::close(descriptor);
    return out;
}

MappedFile::~MappedFile() {
    if (m_address) ::munmap(m_address, m_size);
}

void MappedFile::releasePages() const {
    if (m_address) ::madvise(m_address, m_size, MADV_DONTNEED);
}

}  // namespace dubito::lm
