// A share of a whole as a bar: of probability, of work that is done.
#pragma once

#include <QWidget>

namespace dubito::kit {

class ShareBar : public QWidget {
    Q_OBJECT
public:
    explicit ShareBar(double share = 0, QWidget* parent = nullptr);
    void setShare(double share);  ///< 0..1
    double share() const { return m_share; }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    double m_share;
};

}  // namespace dubito::kit
