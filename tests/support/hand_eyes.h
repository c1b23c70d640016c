// Reads a program's tree from the accessibility bus, without a cache that could be stale.
#pragma once

#include "support/hand.h"

namespace dubito::tests {

class Eyes {
public:
    explicit Eyes(const QString& bus);
    ~Eyes();
    Eyes(const Eyes&) = delete;
    QString appOf(qint64 pid) const;  ///< its name on the bus; empty: it has not come
    QVector<Node> read(const QString& app) const;

private:
    void readValues(const QString& app, QVector<Node>& nodes) const;
    QString m_name, m_bus;
};

}  // namespace dubito::tests
