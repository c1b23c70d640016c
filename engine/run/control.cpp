// The file is locked while a command is appended, so that two senders cannot share a sequence number.
#include "run/control.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dubito::run {
namespace {

Bytes readFrom(int fd, std::uint64_t offset) {
    struct stat info {};
    ::fstat(fd, &info);
    const auto size = std::min<std::uint64_t>(static_cast<std::uint64_t>(info.st_size), offset + (64u << 20));
    if (size <= offset) return {};
    Bytes bytes(static_cast<std::size_t>(size - offset));
    const ssize_t n = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
}

/// Walks complete frames; returns the offset behind the last one.
std::size_t walkFrames(ByteSpan bytes, const std::function<void(const journal::FrameHeader&, ByteSpan)>& visit) {
    std::size_t at = 0;
    Bytes scratch;
    while (at + journal::kFrameHeaderBytes <= bytes.size()) {
        const auto header = journal::parseFrameHeader(bytes.subspan(at));
        if (!header || bytes.size() - at < header->paddedBytes()) break;
        auto payload = journal::framePayload(*header, bytes.subspan(at + journal::kFrameHeaderBytes, header->storedBytes), scratch);
        if (!payload) break;
        visit(*header, *payload);
        at += header->paddedBytes();
    }
    return at;
}

}  // namespace

Result<std::uint64_t> sendCommand(const JobDir& job, std::string_view verb, std::string_view argumentsJson, Uuid request) {
    const fs::path path = job.control();
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!file) return Error(Code::Io, "cannot write the run's control file. File: " + path.string());
    struct flock lock {};
    lock.l_type = F_WRLCK;
    if (::fcntl(file.get(), F_OFD_SETLKW, &lock) != 0) return Error(Code::Io, "cannot lock the run's control file. File: " + path.string());
    const Bytes all = readFrom(file.get(), 0);
    Bytes out;
    std::uint64_t next = 0;
    std::size_t end = 0;
    if (all.size() < journal::kFileHeaderBytes) {
        DUBITO_TRY(const RunId id, job.runId());
        journal::appendFileHeader(out, {id, 0, 0, 0, nowUs()});
    } else {
        end = journal::kFileHeaderBytes + walkFrames(ByteSpan(all).subspan(journal::kFileHeaderBytes), [&](const journal::FrameHeader& header, ByteSpan) { next = header.sequence + 1; });
    }
    Bytes payload;
    journal::encodeCommand(payload, {request, std::string(verb), std::string(argumentsJson)});
    journal::appendFrame(out, journal::RecordType::Command, next, nowUs(), payload);
    if (::pwrite(file.get(), out.data(), out.size(), static_cast<off_t>(end)) != static_cast<ssize_t>(out.size()))
        return Error(Code::Io, "the command could not be written (disk full?). File: " + path.string());
    return next;
}

int ControlReader::poll(const std::function<void(std::uint64_t, const journal::Command&)>& deliver) {
    struct stat info {};
    if (::stat(m_path.c_str(), &info) != 0 || static_cast<std::uint64_t>(info.st_size) <= m_offset) return 0;
    FileDescriptor file(::open(m_path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return 0;
    if (m_offset == 0) {
        const Bytes head = readFrom(file.get(), 0);
        if (head.size() < journal::kFileHeaderBytes || !journal::parseFileHeader(head)) return 0;
        m_offset = journal::kFileHeaderBytes;
    }
    const Bytes bytes = readFrom(file.get(), m_offset);
    int delivered = 0;
    m_offset += walkFrames(bytes, [&](const journal::FrameHeader& header, ByteSpan payload) {
        if (header.type != journal::RecordType::Command) return;
        if (auto command = journal::decodeCommand(payload)) {
            deliver(header.sequence, *command);
            ++delivered;
        }
    });
    return delivered;
}

}  // namespace dubito::run
